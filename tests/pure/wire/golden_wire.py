"""The recorded bytes of tests/golden/wire, and decoded values in the words of their annotations."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tooltalk.model.arg import Arg
from tooltalk.model.enums import ValueKind
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.wire import calls, results

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"

Described = dict[str, Any]


@cache
def load(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def octets(entry: dict[str, Any]) -> bytes:
    return bytes.fromhex(entry["hex"])


def mark(entry: dict[str, Any]) -> bytes:
    return bytes.fromhex(entry["mark"])


def record(number: int) -> dict[str, Any]:
    """A record of the transcript by its number."""
    entry: dict[str, Any] = load("transcript")[number - 1]
    return entry


def records() -> list[dict[str, Any]]:
    """All records of the transcript but the signal bytes."""
    return [entry for entry in load("transcript") if entry["mark"]]


def example(section: str, number: int = 1) -> dict[str, Any]:
    for entry in load("examples"):
        if (entry["section"], entry["number"]) == (section, number):
            return dict(entry)
    raise KeyError(section, number)


def agrees(entry: dict[str, Any], described: Described, ignore: tuple[str, ...] = ()) -> None:
    """Assert that all annotated fields of ``entry`` have the annotated values."""
    assert entry["fields"]
    for path, kind, value in entry["fields"]:
        if path not in ignore and kind not in ("pointer", "guards"):
            assert described[path] == value, path


def text(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def describe_procid(path: str, procid: ProcId | None) -> Described:
    if procid is None:
        return {}
    return {
        f"{path}.id": text(procid.id),
        f"{path}.pid": procid.pid,
        f"{path}.ipaddr": text(procid.ipaddr),
    }


def describe_arg(path: str, arg: Arg) -> Described:
    described: Described = {
        f"{path}.mode": arg.mode,
        f"{path}.type": text(arg.vtype),
        f"{path}.(obsolete)": None,
        f"{path}.name": text(arg.name),
        f"{path}.data_type": arg.kind,
    }
    if arg.kind == ValueKind.INT:
        return described | {f"{path}.int": arg.value}
    assert not isinstance(arg.value, int)
    return described | {f"{path}.value": text(arg.value)}


def _strings(path: str, values: list[bytes]) -> Described:
    described: Described = {path: len(values)}
    for i, value in enumerate(values):
        described[f"{path}[{i}]"] = text(value)
    return described


def _args(path: str, args: Any) -> Described:
    described: Described = {path: len(args)}
    for i, arg in enumerate(args):
        described |= describe_arg(f"{path}[{i}]", arg)
    return described


def describe_context(path: str, context: Any) -> Described:
    described = {f"{path}.slot": text(context.slot)}
    return described if context.value is None else described | describe_arg(f"{path}.value", context.value)


def describe_message(message: Message) -> Described:
    described: Described = {
        "id": message.id,
        "class": message.tt_class,
        "state": message.state,
        "address": message.address,
        "scope": message.scope,
        "disposition": message.disposition,
        "opnum": message.opnum,
        "status": message.status,
        "uid": message.uid,
        "gid": message.gid,
        "session.id": text(message.session),
        "session.address": text(message.session_address),
        "flags": message.flags,
        "contexts": len(message.contexts),
    }
    for name in (
        "file",
        "object",
        "op",
        "otype",
        "sender_ptype",
        "handler_ptype",
        "pattern_id",
        "status_string",
    ):
        described[name] = text(getattr(message, name))
    described |= describe_procid("sender", message.sender) | describe_procid("handler", message.handler)
    described |= _args("args", message.args) | _strings("rsessions", message.rsessions or [])
    for i, context in enumerate(message.contexts):
        described |= describe_context(f"contexts[{i}]", context)
    for name in ("abstainers", "accepters", "rejecters"):
        voters = getattr(message, name) or []
        described[name] = len(voters)
        for i, voter in enumerate(voters):
            described |= describe_procid(f"{name}[{i}]", voter)
    return described


def describe_pattern(pattern: Pattern) -> Described:
    described: Described = {"pattern.id": text(pattern.id), "category": pattern.category}
    for name in ("classes", "states", "addresses", "scopes", "dispositions"):
        described[name] = getattr(pattern, name)
    for name in ("files", "sessions", "ops", "objects", "otypes", "senders", "handlers"):
        described |= _strings(name, getattr(pattern, name))
    for name in ("sender_ptypes", "handler_ptypes"):
        described |= _strings(name, getattr(pattern, name))
    described["opnums"] = len(pattern.opnums)
    for i, opnum in enumerate(pattern.opnums):
        described[f"opnums[{i}]"] = opnum
    described |= _args("args", pattern.args)
    described["contexts"] = len(pattern.contexts)
    for i, context in enumerate(pattern.contexts):
        described[f"contexts[{i}].slot"] = text(context.slot)
        described |= _args(f"contexts[{i}].values", context.values)
    return described


def describe(value: Any) -> Described:
    """Arguments or a result of any procedure."""
    match value:
        case None | int():
            return {"status": value}
        case bytes():
            return {"result": text(value)}
        case ProcId():
            return describe_procid("procid", value)
        case Message():
            return describe_message(value)
        case calls.UpdateArgs(state=state, message=message):
            return {"newstate": state} | describe_message(message)
        case calls.ChannelArgs(procid=procid, port=port, start_token=token):
            return describe_procid("procid", procid) | {"port": port, "start_token": text(token)}
        case calls.PatternArgs(procid=procid, pattern=pattern):
            return describe_procid("procid", procid) | describe_pattern(pattern)
        case calls.PropArgs(name, content, number):
            return {"prop": text(name), "value": text(content), "num": number}
        case calls.OtypeArgs(derived, base, number, number2):
            return {"derived_otid": text(derived), "base_otid": text(base), "num": number, "num2": number2}
        case results.RpcResult(status, content, number):
            return {"status": status, "str_val": text(content), "int_val": number}
        case results.NextMessage(messages, clear_signal):
            return describe_message(messages[0]) | {"messages": len(messages), "clear_signal": clear_signal}
        case results.DispatchReply(status, queue):
            return {"status": status} | _describe_queue(queue)
    raise TypeError(value)


def _describe_queue(queue: results.QueueInfo | None) -> Described:
    if queue is None:
        return {}
    described: Described = {
        "version": queue.version,
        "id": queue.id,
        "nparts": queue.parts,
        "size": queue.size,
        "m_id": queue.message_id,
        "sender": text(queue.sender),
    }
    categories = list(queue.categories or ())
    described["categories"] = len(categories)
    for i, category in enumerate(categories):
        described[f"categories[{i}]"] = category
    return described | _strings("ptypes", list(queue.ptypes))
