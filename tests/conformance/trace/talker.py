"""What a server is to trace: a program with three procids that does a bit of everything, step by step."""

from __future__ import annotations

import contextlib
from typing import Any

import ttclient
from ttclient import Address, Category, Class, Message, Mode, ProcId, Scope, State, ToolTalkError

SENDER, FIRST, SECOND = (ttclient.open() for _ in range(3))


def settle() -> None:
    """Have the server deal with all that was sent."""
    for procid in (SENDER, FIRST, SECOND):
        with contextlib.suppress(ToolTalkError):
            procid.session.prop_count("none")


def pattern(procid: ProcId, category: Category, op: str, *args: Any, **more: Any) -> None:
    made = procid.pattern(category, scope=Scope.SESSION, ops=[op], session=procid.session, **more)
    made.add_state(State.SENT)
    for arg in args:
        made.add_arg(*arg)
    made.register()


def say(kind: Class, op: str, *args: Any, to: ProcId | None = None, **contexts: Any) -> Message:
    message = SENDER.message()
    message.address = Address.PROCEDURE if to is None else Address.HANDLER
    message.message_class = kind
    message.scope = Scope.SESSION
    message.op = op
    if to is not None:
        message.handler = to
    for arg in args:
        message.add_arg(*arg)
    for slot, value in contexts.items():
        message.contexts[slot] = value
    message.send()
    settle()
    return message


def take(procid: ProcId, op: str) -> Message:
    """The next message of this op; those before it are left alone."""
    while True:
        message = procid.receive()
        assert message is not None
        if message.op == op:
            return message


def notices() -> None:
    say(Class.NOTICE, "Note_Z")
    pattern(FIRST, Category.OBSERVE, "Note_A", (Mode.IN, "string"), classes=[Class.NOTICE])
    say(Class.NOTICE, "Note_A", (Mode.IN, "string", "v1"))
    say(Class.NOTICE, "Note_A", (Mode.OUT, "string", "v1"))
    say(Class.NOTICE, "Note_A", (Mode.IN, "string", "v1"), to=SECOND)
    take(FIRST, "Note_A")


def contexts() -> None:
    made = FIRST.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Ctx"], session=FIRST.session)
    made.add_context("proj", "alpha")
    made.add_context("num", 7)
    made.register()
    say(Class.NOTICE, "Ctx", proj="alpha", num=7)
    say(Class.NOTICE, "Ctx", proj="beta", num=7)
    say(Class.NOTICE, "Ctx")


def values() -> None:
    say(
        Class.NOTICE,
        "Values",
        (Mode.IN, "bytes", b"ab\0\1\x7f\xffz"),
        (Mode.IN, "int", -42),
        (Mode.IN, "string", ""),
        (Mode.IN, "string", None),
        (Mode.INOUT, "text", "L" * 60),
        (Mode.IN, "e40", "x" * 40),
        (Mode.IN, "e41", "x" * 41),
        (Mode.IN, "string", 'quo"te\\d\nline\n'),
    )


def requests() -> None:
    say(Class.REQUEST, "Nobody", (Mode.IN, "string", "v1"))
    take(SENDER, "Nobody")
    for procid in (FIRST, SECOND):
        pattern(procid, Category.HANDLE, "Do")
    say(Class.REQUEST, "Do", (Mode.IN, "string", "x"), (Mode.OUT, "int", None))
    message = take(SECOND, "Do")
    message.args[1].value = 5
    message.reply()
    settle()
    say(Class.REQUEST, "Do")
    take(SECOND, "Do").reject(1600, "not me")
    settle()
    take(FIRST, "Do").fail(1601, "never")
    settle()
    say(Class.REQUEST, "Do")
    for procid in (SECOND, FIRST):
        take(procid, "Do").reject()
        settle()
    for _ in range(3):
        take(SENDER, "Do")


def offers() -> None:
    for procid in (FIRST, SECOND):
        pattern(procid, Category.OBSERVE, "Offer")
    say(Class.OFFER, "Offer")
    take(FIRST, "Offer").accept()
    settle()
    take(SECOND, "Offer").reject()
    settle()
    take(SENDER, "Offer")


def ends() -> None:
    say(Class.REQUEST, "Do")
    take(SECOND, "Do")
    SECOND.close()
    settle()
    last = Message.notice("Gone", procid=FIRST)
    last.send_on_exit()
    pattern(FIRST, Category.HANDLE_ROTATE, "Turn")
    pattern(SENDER, Category.HANDLE_PUSH, "Turn")
    say(Class.REQUEST, "Turn")
    take(SENDER, "Turn").reply()
    settle()
    SENDER.close()
    # The first goes with the program, and so its message is sent.


if __name__ == "__main__":
    for step in (notices, contexts, values, requests, offers, ends):
        step()
