"""Which of several functions of tt_c.h a call stands for: C has one for each kind of value.

For traces only (``ttclient.tracing``).
"""

from __future__ import annotations

from os import PathLike
from typing import Any, Final

from tooltalk.status import Status
from ttclient.tracing import Stands

_PATTERN: Final = "tt_pattern_"
_MESSAGE: Final = "tt_message_"


def _kind(value: object) -> str:
    """The letter that C puts before the name: ``i`` for numbers, ``b`` for bytes, none for strings."""
    if isinstance(value, int):
        return "i"
    return "b" if isinstance(value, bytes | bytearray | memoryview) else ""


def _by_value(front: str, back: str, given: tuple[Any, ...], value: object, codec: object) -> Stands:
    """``front`` and ``back`` around the letter of the kind; with a codec, that and the value."""
    if codec is not None:
        return Stands(f"{front}x{back}", (*given, codec, value))
    return Stands(f"{front}{_kind(value)}{back}", (*given, value))


def message_arg_add(
    message: object, mode: int, vtype: str, value: Any = None, *, codec: Any = None
) -> Stands:
    """tt_message_arg_add, iarg, barg, xarg."""
    return _by_value(_MESSAGE, "arg_add", (message, mode, vtype), value, codec)


def pattern_arg_add(
    pattern: object, mode: int, vtype: str, value: Any = None, *, codec: Any = None
) -> Stands:
    """tt_pattern_arg_add, iarg, barg, xarg."""
    return _by_value(_PATTERN, "arg_add", (pattern, mode, vtype), value, codec)


def pattern_context_add(pattern: object, slot: str, value: Any, codec: Any) -> Stands:
    """tt_pattern_context_add, icontext, bcontext, xcontext; the bytes' one adds a slot without a value."""
    if value is None and codec is None:
        return Stands("tt_pattern_bcontext_add", (pattern, slot, None))
    return _by_value(_PATTERN, "context_add", (pattern, slot), value, codec)


def message_context_set(contexts: Any, slot: str, value: Any) -> Stands:
    """tt_message_context_set, icontext, bcontext."""
    return _by_value(_MESSAGE, "context_set", (contexts._message, slot), value, None)


def message_context(contexts: Any, slot: str) -> Stands:
    """tt_message_context_val, or ival where the slot holds a number."""
    kind = _kind(contexts._arg(slot, "").value if slot in contexts else None)
    return Stands(f"tt_message_context_{'i' if kind == 'i' else ''}val", (contexts._message, slot))


def message_arg(arg: Any) -> Stands:
    """tt_message_arg_val, or ival where the argument holds a number."""
    kind = "i" if isinstance(arg._arg.value, int) else ""
    return Stands(f"tt_message_arg_{kind}val", (arg._message, arg._index))


def message_arg_set(arg: Any, value: Any) -> Stands:
    """tt_message_arg_val_set, ival, bval."""
    return Stands(f"tt_message_arg_{_kind(value)}val_set", (arg._message, arg._index, value))


def context_join(_procid: object, slot: str, value: Any, *, codec: Any = None) -> Stands:
    """tt_context_join, icontext, bcontext, xcontext."""
    return _by_value("tt_", "context_join", (slot,), value, codec)


def context_quit(_procid: object, slot: str, value: Any, *, codec: Any = None) -> Stands:
    """tt_context_quit, icontext, bcontext, xcontext."""
    return _by_value("tt_", "context_quit", (slot,), value, codec)


def session_prop_set(session: object, name: str, value: Any) -> Stands:
    """tt_session_prop_set, or bprop."""
    return _by_value("tt_session_", "prop_set", (session, name), value, None)


def session_prop_add(session: object, name: str, value: Any) -> Stands:
    """tt_session_prop_add, or bprop."""
    return _by_value("tt_session_", "prop_add", (session, name), value, None)


def spec_prop_set(spec: object, name: str, value: Any) -> Stands:
    """tt_spec_prop_set, or bprop."""
    return _by_value("tt_spec_", "prop_set", (spec, name), value, None)


def spec_prop_add(spec: object, name: str, value: Any) -> Stands:
    """tt_spec_prop_add, or bprop."""
    return _by_value("tt_spec_", "prop_add", (spec, name), value, None)


def file_netfile(path: str | PathLike[str], host: str | None = None) -> Stands:
    """tt_file_netfile, or tt_host_file_netfile."""
    if host is None:
        return Stands("tt_file_netfile", (path,))
    return Stands("tt_host_file_netfile", (host, path))


def netfile_file(name: str, host: str | None = None) -> Stands:
    """tt_netfile_file, or tt_host_netfile_file."""
    if host is None:
        return Stands("tt_netfile_file", (name,))
    return Stands("tt_host_netfile_file", (host, name))


def joined_session(procid: Any, session: object = None) -> tuple[object]:
    """The session of tt_session_join and quit, by default the procid's own."""
    return (procid.session if session is None else session,)


def asked_otype(otype: Any, _function: str, procedure: Any, number: int = 0, number2: int = 0) -> Stands:
    """The tt_otype_ function with the name of the procedure."""
    return Stands("tt_" + procedure.name.lower(), (otype, number, number2))


def text_only(value: object) -> object:
    """The string of a getter; a number is given back in another way in C."""
    return None if isinstance(value, int) else value


def or_no_object(objid: str | None) -> str | Status:
    """What tt_message_object gives where ours gives None."""
    return Status.ERR_OBJID if objid is None else objid


def done(_value: object) -> None:
    """The outcome of a function that gives only a Tt_status in C: all is well."""


def whether_ptype(exists: bool) -> Status:
    """The status of tt_ptype_exists."""
    return Status.OK if exists else Status.ERR_PTYPE
