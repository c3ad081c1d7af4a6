"""Reading a type source: standard input as it is, a file through the C preprocessor.

File names never reach a shell. Options do, once, because makefiles count on it: a quoted string in
``'-DTOP=\\"/usr/demo\\"'`` needs that second evaluation. They are the caller's own command line, so this
gives nobody anything (spec 04 section 2.1, trap 23).
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

STDIN: Final = "-"
STDIN_NAME: Final = b"<standard input>"
CPP: Final = "/usr/bin/cpp"
"""The preprocessor that the message about a missing one names."""


class SourceText(NamedTuple):
    """What the parser gets. name: for error messages; failed: the preprocessor found an error."""

    data: bytes
    name: bytes
    failed: bool = False
    warning: str | None = None


def read_source(source: str, options: Sequence[str]) -> SourceText:
    """The text of ``source``, which is a file name or ``-``. options: words for the preprocessor.

    Raises OSError where the file cannot be opened.
    """
    if source == STDIN:
        return SourceText(read_stdin(), STDIN_NAME)
    with open(source, "rb"):
        pass
    return preprocess(source, options, find_cpp())


def read_stdin(most: int = -1) -> bytes:
    """Standard input, up to ``most`` bytes; nothing if the program was started without it."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read(most)


def find_cpp() -> str | None:
    """The system's preprocessor, or None."""
    for candidate in ("/lib/cpp", CPP):
        if os.access(candidate, os.X_OK):
            return candidate
    return shutil.which("cpp")


def preprocess(source: str, options: Sequence[str], cpp: str | None) -> SourceText:
    """``source`` through ``cpp``; where that is None through pcpp, and without pcpp as it is."""
    if cpp is not None:
        return _system_cpp(source, options, cpp)
    try:
        return _pcpp(source, options)
    except ImportError:
        with open(source, "rb") as raw:
            # The C compiler says this whatever the cause was.
            warning = f"no preprocessing done because: {CPP}: No such file or directory"
            return SourceText(raw.read(), os.fsencode(source), warning=warning)


def _system_cpp(source: str, options: Sequence[str], cpp: str) -> SourceText:
    file = f"./{source}" if source.startswith("-") else source
    command = [cpp, file]
    if options:
        command = ["/bin/sh", "-c", f'exec "$0" {" ".join(options)} "$1"', cpp, file]
    # Descriptors stay open: the source may be one of them, as in /dev/fd/63.
    ran = subprocess.run(command, stdout=subprocess.PIPE, close_fds=False, check=False)
    return SourceText(ran.stdout, os.fsencode(source), ran.returncode != 0)


def _pcpp(source: str, options: Sequence[str]) -> SourceText:
    import pcpp  # type: ignore[import-untyped]

    class Preprocessor(pcpp.Preprocessor):  # type: ignore[misc]
        """Reads any bytes, and leaves no file open."""

        def on_file_open(self, is_system_include: bool, includepath: str) -> io.StringIO:
            with open(includepath, encoding="latin-1", newline="\n") as file:
                return io.StringIO(file.read())

    cpp = Preprocessor()
    for word in _evaluated(options):
        kind, value = word[:2], word[2:]
        if kind == "-D":
            name, _, text = value.partition("=")
            cpp.define(f"{name} {text if '=' in value else 1}")
        elif kind == "-U":
            cpp.undef(value)
        elif kind == "-I":
            cpp.add_path(value)
    with open(source, encoding="latin-1", newline="\n") as file:
        cpp.parse(file.read(), source)
    out = io.StringIO()
    cpp.write(out)
    return SourceText(out.getvalue().encode("latin-1"), os.fsencode(source), cpp.return_code != 0)


def _evaluated(options: Sequence[str]) -> list[str]:
    """``options`` after one evaluation by a shell, as the system's cpp gets them."""
    if not options:
        return []
    script = f'printf "%s\\0" {" ".join(options)}'
    words = subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, check=False).stdout
    return [os.fsdecode(word) for word in words.split(b"\0")[:-1]]
