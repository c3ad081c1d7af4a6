"""All that the client library offers, one name a line; run it to write the list anew.

python -m tests.pure.client.public_names > tests/pure/client/public_names.txt
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from types import ModuleType

import ttclient
from ttclient import aio, auth, codecs, desktop, media, toolkit

MODULES: tuple[ModuleType, ...] = (ttclient, aio, toolkit, desktop, media, auth, codecs)


def public_names() -> Iterator[str]:
    """``module.name``, and ``module.Class.name`` for classes of the library."""
    for module in MODULES:
        names = getattr(module, "__all__", None) or _defined(module)
        for name in sorted(names):
            yield f"{module.__name__}.{name}"
            value = getattr(module, name)
            if inspect.isclass(value) and value.__module__.startswith("ttclient"):
                for attribute in sorted(_attributes(value)):
                    yield f"{module.__name__}.{name}.{attribute}"


def _defined(module: ModuleType) -> list[str]:
    return [name for name in vars(module) if not name.startswith("_") and name != "annotations"]


def _attributes(kind: type) -> set[str]:
    if issubclass(kind, enum.Enum):
        return set(kind.__members__)
    own: set[str] = set()
    for each in kind.__mro__:
        if each.__module__.startswith(("ttclient", "tooltalk")):
            own.update(vars(each), getattr(each, "__slots__", ()))
    return {name for name in own if not name.startswith("_")}


if __name__ == "__main__":
    print("\n".join(public_names()))
