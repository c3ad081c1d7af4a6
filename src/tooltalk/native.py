"""What the source says to mypyc about classes that are made and thrown away with every message.

``@mypyc_attr(free_list_len=1)`` keeps the memory of the last object of a class for the next one.
``acyclic=True`` leaves the garbage collector out: for classes whose objects never lead back to themselves.
As Python the decorator does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:

    def mypyc_attr(**_wishes):
        """Give back the class as it is."""
        return lambda native: native
