"""Requests about the process itself, answered without asking the program (spec 08 section 6.3).

With these any client of the session may change the environment, the locale and the directory of the
process and send it signals, so they are offered only on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from tooltalk.status import Status
from ttclient.args import MessageArg
from ttclient.errors import Fail
from ttclient.standard.ops import Op

After = Callable[[], object] | None
"""What is to happen once the reply is sent."""


class Surroundings(Protocol):
    """What a process can be asked about and told to change. Raises OSError where that fails."""

    def variable(self, name: str) -> str | None:
        """Of the environment; None for one that is not set."""
        ...

    def set_variable(self, name: str, value: str | None) -> None:
        """None removes it."""
        ...

    def locale(self, category: str) -> str | None:
        """The locale in force for ``LC_...``; None for an unknown category."""
        ...

    def set_locale(self, category: str, locale: str) -> bool:
        """Whether there are such a category and such a locale."""
        ...

    def directory(self) -> str:
        """The working directory."""
        ...

    def set_directory(self, path: str) -> None:
        """Change to another one."""
        ...

    def signal_number(self, name: str | int) -> int | None:
        """Of ``SIGHUP``, ``HUP`` or the number itself; None for what is no signal."""
        ...

    def send_signal(self, number: int) -> None:
        """To the process itself."""
        ...

    def system(self) -> tuple[str, ...]:
        """System, node, release, version, machine."""
        ...


def answer(message: Any, op: Op, process: Surroundings) -> After:
    """Carry out a request of PROCESS ops and fill in what it asks for; it is to be replied to then.

    message: a frontend's Message. Raises Fail, or OSError from the system.
    """
    return _ANSWERS[op](message, process)


def _pairs(message: Any) -> Iterator[tuple[str, MessageArg]]:
    """The arguments two by two: a name, and the argument beside it."""
    args = message.args
    for place in range(0, len(args) - 1, 2):
        yield _string(args[place]), args[place + 1]


def _string(arg: MessageArg) -> str:
    """The text of an argument; the system takes no NUL in any of them."""
    value = arg.value
    if not isinstance(value, str) or "\0" in value:
        raise Fail(Status.DESKTOP_EINVAL, f"argument of type {arg.vtype}: a string without NUL is needed")
    return value


def _get_environment(message: Any, process: Surroundings) -> After:
    for name, arg in _pairs(message):
        _put(arg, process.variable(name))
    return None


def _set_environment(message: Any, process: Surroundings) -> After:
    """An unset value removes the variable; the C toolkit makes it empty (QUIRK not kept)."""
    wanted = [(name, None if arg.value is None else _string(arg)) for name, arg in _pairs(message)]
    for name, _ in wanted:
        if not name or "=" in name:
            raise Fail(Status.DESKTOP_EINVAL, f"no variable can be called {name!r}")
    for name, value in wanted:
        process.set_variable(name, value)
    return None


def _get_locale(message: Any, process: Surroundings) -> After:
    """The C toolkit leaves LC_CTYPE and unknown categories unset (QUIRK not kept)."""
    for category, arg in _pairs(message):
        locale = process.locale(category)
        if locale is None:
            raise Fail(Status.DESKTOP_EINVAL, f"{category!r} is no category of locales")
        _put(arg, locale)
    return None


def _set_locale(message: Any, process: Surroundings) -> After:
    for category, arg in _pairs(message):
        locale = _string(arg)
        if not process.set_locale(category, locale):
            raise Fail(Status.DESKTOP_EINVAL, f"no locale {locale!r} for {category!r} here")
    return None


def _get_situation(message: Any, process: Surroundings) -> After:
    if len(message.args):
        _put(message.args[0], process.directory())
    return None


def _set_situation(message: Any, process: Surroundings) -> After:
    given = len(message.args) and message.args[0].value is not None
    path = _string(message.args[0]) if given else message.file
    if path is None:
        raise Fail(Status.DESKTOP_EPROTO, "neither an argument nor the file attribute names a directory")
    process.set_directory(path)
    return None


def _signal(message: Any, process: Surroundings) -> After:
    """A name as published, or the number that the C toolkit insists on (spec 05 trap 30)."""
    value = message.args[0].value if len(message.args) else None
    number = None if value is None else process.signal_number(value)
    if number is None:
        raise Fail(Status.DESKTOP_EINVAL, f"{value!r} is no signal")
    return lambda: process.send_signal(number)


def _get_sysinfo(message: Any, process: Surroundings) -> After:
    for arg, value in zip(message.args, process.system(), strict=False):
        _put(arg, value)
    return None


def _put(arg: MessageArg, value: str | None) -> None:
    if value is None:
        arg.clear()
    else:
        arg.value = value


_ANSWERS: Final[dict[Op, Callable[[Any, Surroundings], After]]] = {
    Op.GET_ENVIRONMENT: _get_environment,
    Op.SET_ENVIRONMENT: _set_environment,
    Op.GET_LOCALE: _get_locale,
    Op.SET_LOCALE: _set_locale,
    Op.GET_SITUATION: _get_situation,
    Op.SET_SITUATION: _set_situation,
    Op.SIGNAL: _signal,
    Op.GET_SYSINFO: _get_sysinfo,
}
