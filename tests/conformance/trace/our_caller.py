"""A Python program that makes the calls of ``c_caller.py``, in the same order."""

from __future__ import annotations

import contextlib
import select
from typing import Any

import ttclient
from ttclient import (
    Address,
    CallbackAction,
    Category,
    Class,
    Disposition,
    Feature,
    Message,
    Mode,
    Pattern,
    Scope,
    State,
    ToolTalkError,
)

PATIENCE = 20.0


def processed(message: Message, _pattern: Any) -> CallbackAction:
    _ = message.state
    return CallbackAction.PROCESSED


def continued(_message: Message, _pattern: Any) -> CallbackAction:
    return CallbackAction.CONTINUE


def wait(descriptor: int) -> None:
    assert select.select([descriptor], [], [], PATIENCE)[0]


def observe(session: ttclient.Session) -> Pattern:
    pattern = Pattern()
    pattern.category = Category.OBSERVE
    pattern.add_scope(Scope.SESSION)
    pattern.add_op("Hello World")
    pattern.add_class(Class.NOTICE)
    pattern.add_state(State.SENT)
    pattern.add_address(Address.PROCEDURE)
    pattern.add_disposition(Disposition.DISCARD)
    pattern.add_opnum(-1)
    pattern.add_callback(processed)
    pattern.add_callback(continued)
    pattern.add_session(session)
    pattern.register()
    return pattern


def notice(tt: ttclient.ProcId, descriptor: int) -> Message:
    message = Message.notice("Hello World")
    message.add_arg(Mode.IN, "int", 5)
    message.add_arg(Mode.IN, "str", "x" * 41)
    message.add_arg(Mode.OUT, "bin", b"\0\1ab")
    message.contexts["slot"] = "v"
    message.contexts["num"] = 7
    message.contexts["bytes"] = b"\0b"
    message.disposition = Disposition.DISCARD
    message.send()
    wait(descriptor)
    tt.receive()
    tt.receive()
    return message


def look_at(message: Message) -> None:
    args = message.args
    _ = args[0].mode, args[0].vtype, args[1].value, len(args)
    _ = message.opnum, message.message_class, message.address, message.scope, message.disposition
    _ = message.state, message.status
    message.status = 1600
    _ = message.status
    message.status_string = "so so"
    _ = message.object, message.handler, message.file, message.session, message.sender
    _ = message.sender_ptype, message.status_string, message.op, message.id
    _ = message.pattern
    message.user[3] = object
    _ = message.user[3]
    message.format()
    _ = message.contexts["slot"]
    message.contexts.as_int("num")
    with contextlib.suppress(ToolTalkError):
        _ = message.contexts["none"]
    len(message.contexts)
    with contextlib.suppress(ToolTalkError):
        message.send()
    _ = message.accepters
    message.destroy()


def refused(function: Any, *arguments: Any) -> None:
    with contextlib.suppress(ToolTalkError):
        function(*arguments)


def in_session(tt: ttclient.ProcId, session: ttclient.Session) -> None:
    refused(ttclient.feature_enabled, Feature.MULTITHREADED)
    refused(ttclient.require_feature, Feature.MULTITHREADED)
    tt.join_session(session)
    refused(tt.declare_ptype, "Nope")
    tt.ptype_exists("Nope")
    refused(tt.undeclare_ptype, "Nope")
    tt.add_ptype_callback("Nope", 1, continued)
    refused(tt.join_file, "/nowhere/x.txt")
    refused(session.load_types, "/nowhere")
    tt.join_context("proj", "zzz")
    tt.quit_context("proj", 7)
    tt.join_context("proj", b"a\0b")
    refused(tt.join_context, "no slot", "")
    session.set_prop("N", "v")
    session.add_prop("N", b"v\0w")
    session.prop_count("N")
    refused(session.prop_count, "Nope")
    session.propname(0)
    _ = session.propnames_count
    session.prop("N", 0)
    refused(session.prop, "N", 9)


def defaults(tt: ttclient.ProcId) -> None:
    ttclient.default_procid()
    _ = tt.default_file
    tt.default_ptype = "PT"
    _ = tt.default_ptype
    ttclient.initial_session()
    ttclient.thread_session()
    ttclient.Session.from_display("127.0.0.1:7")
    refused(ttclient.netfile_to_file, "no netfile")
    ttclient.release(0)


def control(tt: ttclient.ProcId) -> None:
    assert ttclient.trace_control(-1)
    _ = tt.default_ptype
    assert not ttclient.trace_control(1)


def main() -> None:
    tt = ttclient.open()
    descriptor = tt.fileno()
    session = ttclient.default_session()
    pattern = observe(session)
    look_at(notice(tt, descriptor))
    in_session(tt, session)
    defaults(tt)
    control(tt)
    last = Message.request("Bye")
    last.send_on_exit()
    request = Message.request("Nobody")
    request.add_callback(processed)
    request.send()
    wait(descriptor)
    tt.receive()
    refused(request.reply)
    pattern.unregister()
    pattern.destroy()
    tt.close()
    with contextlib.suppress(ToolTalkError):
        _ = request.op


if __name__ == "__main__":
    main()
