"""The process itself, for requests about it: environment, locale, directory, signals."""

from __future__ import annotations

import locale
import os
import signal
from typing import Final

CATEGORIES: Final = (
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_ALL",
)


class OwnProcess:
    """This process, as ``standard.process_requests.Surroundings`` wants it."""

    def variable(self, name: str) -> str | None:
        """Of the environment."""
        return os.environ.get(name)

    def set_variable(self, name: str, value: str | None) -> None:
        """None removes it."""
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    def locale(self, category: str) -> str | None:
        """The locale in force."""
        return locale.setlocale(getattr(locale, category)) if category in CATEGORIES else None

    def set_locale(self, category: str, name: str) -> bool:
        """Whether that could be done."""
        if category not in CATEGORIES:
            return False
        try:
            locale.setlocale(getattr(locale, category), name)
        except locale.Error:
            return False
        return True

    def directory(self) -> str:
        """The working directory."""
        return os.getcwd()  # noqa: PTH109 - the system's name for it, not a Path

    def set_directory(self, path: str) -> None:
        """Change to another one."""
        os.chdir(path)

    def signal_number(self, name: str | int) -> int | None:
        """Of a name with or without SIG in front, or of a number that is one."""
        if isinstance(name, int):
            return name if name in signal.valid_signals() else None
        known = signal.Signals.__members__
        found = known.get(name) or known.get("SIG" + name)
        return None if found is None else int(found)

    def send_signal(self, number: int) -> None:
        """To this process."""
        os.kill(os.getpid(), number)

    def system(self) -> tuple[str, ...]:
        """System, node, release, version, machine."""
        return tuple(os.uname())


OWN: Final = OwnProcess()
