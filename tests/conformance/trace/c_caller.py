"""A program on the C library that makes the calls of ``our_caller.py``, in the same order."""

from __future__ import annotations

import ctypes as C
import os
import select
from typing import Any

LIB = C.CDLL(os.environ["TT_REF_LIB"])
CALLBACK = C.CFUNCTYPE(C.c_int, C.c_void_p, C.c_void_p)
RESULTS: dict[str, Any] = {"i": C.c_int, "s": C.c_char_p, "p": C.c_void_p, "v": None}
PATIENCE = 20.0


class Handle:
    """What a function gave that is no string and no number."""

    def __init__(self, address: int) -> None:
        self.address = address


def tt(function: str, kind: str, *arguments: Any) -> Any:
    pointer = LIB["tt_" + function]
    pointer.restype = RESULTS[kind]
    result = pointer(*(C.c_void_p(a.address) if isinstance(a, Handle) else a for a in arguments))
    return Handle(result or 0) if kind == "p" else result


@CALLBACK
def processed(message: int, _pattern: int) -> int:
    tt("message_state", "i", Handle(message))
    return 1


@CALLBACK
def continued(_message: int, _pattern: int) -> int:
    return 0


def wait(descriptor: int) -> None:
    assert select.select([descriptor], [], [], PATIENCE)[0]


def observe(session: bytes) -> Handle:
    pattern = tt("pattern_create", "p")
    tt("pattern_category_set", "i", pattern, 1)
    tt("pattern_scope_add", "i", pattern, 1)
    tt("pattern_op_add", "i", pattern, b"Hello World")
    tt("pattern_class_add", "i", pattern, 1)
    tt("pattern_state_add", "i", pattern, 1)
    tt("pattern_address_add", "i", pattern, 0)
    tt("pattern_disposition_add", "i", pattern, 0)
    tt("pattern_opnum_add", "i", pattern, -1)
    tt("pattern_callback_add", "i", pattern, processed)
    tt("pattern_callback_add", "i", pattern, continued)
    tt("pattern_session_add", "i", pattern, session)
    tt("pattern_register", "i", pattern)
    return pattern


def notice(descriptor: int) -> Handle:
    message = tt("pnotice_create", "p", 1, b"Hello World")
    tt("message_iarg_add", "i", message, 1, b"int", 5)
    tt("message_arg_add", "i", message, 1, b"str", b"x" * 41)
    tt("message_barg_add", "i", message, 2, b"bin", b"\0\1ab", 4)
    tt("message_context_set", "i", message, b"slot", b"v")
    tt("message_icontext_set", "i", message, b"num", 7)
    tt("message_bcontext_set", "i", message, b"bytes", b"\0b", 2)
    tt("message_disposition_set", "i", message, 0)
    tt("message_send", "i", message)
    wait(descriptor)
    tt("message_receive", "p")
    tt("message_receive", "p")
    return message


def look_at(message: Handle) -> None:
    tt("message_arg_mode", "i", message, 0)
    tt("message_arg_type", "s", message, 0)
    tt("message_arg_val", "s", message, 1)
    tt("message_args_count", "i", message)
    for name in ("opnum", "class", "address", "scope", "disposition", "state"):
        tt("message_" + name, "i", message)
    tt("message_status", "i", message)
    tt("message_status_set", "i", message, 1600)
    tt("message_status", "i", message)
    tt("message_status_string_set", "i", message, b"so so")
    for name in (
        "object",
        "handler",
        "file",
        "session",
        "sender",
        "sender_ptype",
        "status_string",
        "op",
        "id",
    ):
        tt("message_" + name, "p", message)
    tt("message_pattern", "p", message)
    tt("message_user_set", "i", message, 3, Handle(1 << 40))
    tt("message_user", "p", message, 3)
    tt("message_print", "s", message)
    tt("message_context_val", "s", message, b"slot")
    tt("message_context_ival", "i", message, b"num", C.byref(C.c_int()))
    tt("message_context_val", "p", message, b"none")
    tt("message_contexts_count", "i", message)
    tt("message_send", "i", message)
    tt("message_accepters_count", "i", message)
    tt("message_destroy", "i", message)


def session(name: bytes) -> None:
    tt("feature_enabled", "i", 1)
    tt("feature_required", "i", 1)
    tt("session_join", "i", name)
    tt("ptype_declare", "i", b"Nope")
    tt("ptype_exists", "i", b"Nope")
    tt("ptype_undeclare", "i", b"Nope")
    tt("ptype_opnum_callback_add", "i", b"Nope", 1, continued)
    tt("file_join", "i", b"/nowhere/x.txt")
    tt("session_types_load", "i", name, b"/nowhere")
    tt("context_join", "i", b"proj", b"zzz")
    tt("icontext_quit", "i", b"proj", 7)
    tt("bcontext_join", "i", b"proj", b"a\0b", 3)
    tt("context_join", "i", b"no slot", b"")
    tt("session_prop_set", "i", name, b"N", b"v")
    tt("session_bprop_add", "i", name, b"N", b"v\0w", 3)
    tt("session_prop_count", "i", name, b"N")
    tt("session_prop_count", "i", name, b"Nope")
    tt("session_propname", "s", name, 0)
    tt("session_propnames_count", "i", name)
    tt("session_prop", "s", name, b"N", 0)
    tt("session_prop", "p", name, b"N", 9)


def defaults() -> None:
    tt("default_procid", "s")
    tt("default_file", "s")
    tt("default_ptype_set", "i", b"PT")
    tt("default_ptype", "s")
    tt("initial_session", "s")
    tt("thread_session", "s")
    tt("X_session", "s", b"127.0.0.1:7")
    tt("netfile_file", "p", b"no netfile")
    tt("release", "v", 0)


def control() -> None:
    tt("trace_control", "i", -1)
    tt("default_ptype", "s")
    tt("trace_control", "i", 1)


def main() -> None:
    tt("open", "s")
    descriptor = tt("fd", "i")
    name = tt("default_session", "s")
    pattern = observe(name)
    look_at(notice(descriptor))
    session(name)
    defaults()
    control()
    last = tt("prequest_create", "p", 1, b"Bye")
    tt("message_send_on_exit", "i", last)
    request = tt("prequest_create", "p", 1, b"Nobody")
    tt("message_callback_add", "i", request, processed)
    tt("message_send", "i", request)
    wait(descriptor)
    tt("message_receive", "p")
    tt("message_reply", "i", request)
    tt("pattern_unregister", "i", pattern)
    tt("pattern_destroy", "i", pattern)
    tt("close", "i")
    tt("message_op", "p", request)


if __name__ == "__main__":
    main()
