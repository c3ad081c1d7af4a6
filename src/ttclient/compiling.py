"""Notes to the compiler of the hot modules, which a program that runs does without.

Not among the compiled modules itself: what stands for the notes there is not to be seen by the compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:

    def mypyc_attr(**_notes):
        """Decorator: what the compiler is to know of a class."""
        return lambda kind: kind
