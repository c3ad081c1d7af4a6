"""The part of the build that pyproject.toml cannot say: which modules are compiled (see build_backend.py)."""

import os
from pathlib import Path

from setuptools import setup

HOT = {
    "model": ("arg", "merge", "message", "pattern", "procid", "signature", "typetable"),
    "wire": (
        "calls",
        "credentials",
        "fields",
        "guards",
        "kept",
        "messages",
        "patterns",
        "procedures",
        "push",
        "record",
        "results",
        "rpc",
        "structs",
        "xdr",
    ),
    "core": None,
    "server": (
        "access",
        "calls",
        "channel",
        "channels",
        "connection",
        "delivery",
        "greeting",
        "introduction",
        "listeners",
        "loop",
        "outbox",
        "peer",
        "poller",
        "port",
        "procedures",
        "push",
        "reception",
        "signalling",
    ),
}
"""Modules of tooltalk on the way of a message, by room; None: all of it."""

CLIENT = {
    "": (
        "answering",
        "arguments",
        "asking",
        "callback",
        "composing",
        "endpoint",
        "handle",
        "journal",
        "protocol",
        "pushing",
        "receiving",
        "sending",
        "serving",
        "settings",
        "store",
        "text",
        "tracehook",
        "values",
    ),
    "blocking": (
        "asker",
        "attachment",
        "bell",
        "channel",
        "inbox",
        "link",
        "opened",
        "posting",
        "pump",
        "service",
    ),
}
"""The same of ttclient."""


def sources() -> list[str]:
    """Paths of the hot modules."""
    found: list[str] = []
    for room, names in HOT.items():
        folder = Path("src/tooltalk") / room
        chosen = sorted(path.stem for path in folder.glob("*.py")) if names is None else names
        found += [str(folder / f"{name}.py") for name in chosen if name != "__init__"]
    for room, modules in CLIENT.items():
        found += [str(Path("src/ttclient") / room / f"{name}.py") for name in modules]
    return found


if os.environ.get("TT_SETUP_COMPILES") == "yes":
    from mypyc.build import mypycify

    extensions = mypycify(sources(), opt_level="3", debug_level="0")
    for extension in extensions:
        # Nobody calls these functions but each other and Python, which has tables of them: hidden from
        # other libraries they are called directly, and put in place where that is shorter.
        extension.extra_compile_args.append("-fvisibility=hidden")
    setup(ext_modules=extensions)
else:
    setup()
