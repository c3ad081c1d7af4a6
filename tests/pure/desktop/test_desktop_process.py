"""Requests about the process, on one that is made up (05-63, 08-13)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pure.desktop.made_messages import Args, request, values

from tooltalk.model.enums import Mode
from tooltalk.status import Status
from ttclient.errors import Fail
from ttclient.standard.ops import Op
from ttclient.standard.process_requests import answer

IN, OUT = Mode.IN, Mode.OUT


class MadeUp:
    """A process with two variables and one locale."""

    def __init__(self) -> None:
        self.variables = {"A": "a", "EMPTY": ""}
        self.place = "/here"
        self.signals: list[int] = []

    def variable(self, name: str) -> str | None:
        return self.variables.get(name)

    def set_variable(self, name: str, value: str | None) -> None:
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = value

    def locale(self, category: str) -> str | None:
        return "C" if category == "LC_CTYPE" else None

    def set_locale(self, category: str, locale: str) -> bool:
        return (category, locale) == ("LC_CTYPE", "C")

    def directory(self) -> str:
        return self.place

    def set_directory(self, path: str) -> None:
        if path == "/none":
            raise FileNotFoundError(path)
        self.place = path

    def signal_number(self, name: str | int) -> int | None:
        return 1 if name in ("SIGHUP", "HUP", 1) else None

    def send_signal(self, number: int) -> None:
        self.signals.append(number)

    def system(self) -> tuple[str, ...]:
        return ("OS", "node", "1", "2", "box")


class WithFile:
    """A request and its file attribute, which needs a frontend."""

    def __init__(self, op: Op, args: Args, file: str | None = None) -> None:
        self._message = request(op.op_name or "", args)
        self.args = self._message.args
        self.file = file


def done(op: Op, args: Args, process: MadeUp | None = None, file: str | None = None) -> list[Any]:
    message = WithFile(op, args, file)
    answer(message, op, process or MadeUp())
    return values(message._message)


def test_variables_08_13() -> None:
    """08-13: absent is unset, empty is empty; setting an unset value removes."""
    asked: Args = [(IN, "string", "A"), (OUT, "string", None), (IN, "string", "EMPTY"), (OUT, "string", None)]
    asked += [(IN, "string", "NONE"), (OUT, "string", None)]
    assert done(Op.GET_ENVIRONMENT, asked)[1::2] == ["a", "", None]
    process = MadeUp()
    done(
        Op.SET_ENVIRONMENT,
        [(IN, "string", "A"), (IN, "string", None), (IN, "string", "B"), (IN, "string", "b")],
        process,
    )
    assert process.variables == {"EMPTY": "", "B": "b"}


def test_nothing_is_set_when_anything_is_wrong() -> None:
    process = MadeUp()
    with pytest.raises(Fail):
        done(
            Op.SET_ENVIRONMENT, [(IN, "string", "A"), (IN, "string", None), (IN, "string", "=")] * 2, process
        )
    assert process.variables == {"A": "a", "EMPTY": ""}


def test_directories_05_63() -> None:
    """05-63: the argument, else the file; neither is 1171."""
    process = MadeUp()
    done(Op.SET_SITUATION, [(IN, "string", "/there")], process)
    assert done(Op.GET_SITUATION, [(OUT, "string", None)], process) == ["/there"]
    done(Op.SET_SITUATION, [], process, "/file")
    assert process.place == "/file"
    with pytest.raises(Fail) as neither:
        done(Op.SET_SITUATION, [(IN, "string", None)])
    assert neither.value.status == Status.DESKTOP_EPROTO
    with pytest.raises(FileNotFoundError):
        done(Op.SET_SITUATION, [(IN, "string", "/none")])


def test_signals_come_after_the_reply() -> None:
    process = MadeUp()
    for value in ("SIGHUP", "HUP", 1):
        after = answer(WithFile(Op.SIGNAL, [(IN, "string", value)]), Op.SIGNAL, process)
        assert process.signals == [] and after is not None
        after()
        assert process.signals.pop() == 1


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (Op.SIGNAL, []),
        (Op.SIGNAL, [(IN, "string", "NONE")]),
        (Op.SIGNAL, [(IN, "integer", 0)]),
        (Op.GET_LOCALE, [(IN, "string", "LC_X"), (OUT, "string", None)]),
        (Op.GET_LOCALE, [(IN, "string", 5), (OUT, "string", None)]),
        (Op.SET_LOCALE, [(IN, "string", "LC_CTYPE"), (IN, "string", "xx")]),
        (Op.SET_LOCALE, [(IN, "string", "LC_CTYPE"), (IN, "string", None)]),
        (Op.SET_SITUATION, [(IN, "string", b"/a\0b")]),
        (Op.SET_SITUATION, [(IN, "integer", 3)]),
        (Op.SET_ENVIRONMENT, [(IN, "string", "A"), (IN, "string", b"a\0b")]),
    ],
)
def test_refusals_05_63(op: Op, args: Args) -> None:
    """05-63: 1122."""
    with pytest.raises(Fail) as failed:
        done(op, args)
    assert failed.value.status == Status.DESKTOP_EINVAL


def test_locale_and_system_05_63() -> None:
    """05-63: LC_CTYPE is not left out, as it is in C; of the system what is asked for."""
    assert done(Op.GET_LOCALE, [(IN, "string", "LC_CTYPE"), (OUT, "string", None)])[1] == "C"
    eight: Args = [(OUT, "string", None)] * 8
    assert done(Op.GET_SYSINFO, eight) == ["OS", "node", "1", "2", "box", None, None, None]
    assert done(Op.GET_SYSINFO, eight[:2]) == ["OS", "node"]
