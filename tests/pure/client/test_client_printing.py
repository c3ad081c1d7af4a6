"""What messages and patterns print as, held against what the C library printed (tests/golden/client)."""

from __future__ import annotations

import json

import pytest
from tests.pure.client.library import GOLDEN, Library

from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.trace.values import Values

ADDRESS = "01 15 1342177279 1 3 0 127.0.0.1 4"
PRINTS: dict[str, str] = json.loads((GOLDEN / "prints.json").read_text(encoding="utf-8"))


@pytest.fixture
def library() -> Library:
    """The program that made the prints: its procid, its pid, the name of its host."""
    library = Library(ADDRESS)
    sender = next(line for line in PRINTS["fresh"].splitlines() if line.startswith("sender:"))
    name, _, process = sender.partition("] ")[2].rpartition(" [")
    pid, _, host = process.rstrip("]").partition("@")
    library.procid(name.encode(), int(pid))
    library.store.values = Values(
        host_of=lambda procid: host if procid.pid == int(pid) else None,
        local_path=lambda path: path.partition(b":")[2],
    )
    return library


def test_fresh_message(library: Library) -> None:
    """05-49"""
    assert str(library.message()) == PRINTS["fresh"]


def test_full_message(library: Library) -> None:
    """05-50: 40 characters, then the quote and a mark; NUL in octal; null without quotes."""
    library.message()
    message = library.message(Class.REQUEST, "Op", Scope.SESSION)
    for mode, vtype, value in (
        (Mode.IN, "string", "text"),
        (Mode.OUT, "string", None),
        (Mode.INOUT, "integer", -7),
        (Mode.IN, "bytes", b"a\0b\x01\xff"),
        (Mode.IN, "long", "0123456789" * 7),
        (Mode.IN, "q", 'quote " back \\ tab\there'),
        (Mode.IN, "empty", b""),
        (Mode.IN, "exact", "0123456789" * 4),
    ):
        message.add_arg(mode, vtype, value)
    message.contexts["zz"], message.contexts["aa"] = "v", 17
    message.disposition = Disposition.QUEUE | Disposition.START
    message.sender_ptype, message.handler_ptype = "Me", "Hp"
    message._fields.handler = ProcId(b"9.x nowhere")
    message.status, message.status_string = 1541, "why"
    message._fields.file = b"localhost:/etc/passwd"
    assert message.format() == PRINTS["full"]


def test_numbers_without_names(library: Library) -> None:
    for _ in range(2):
        library.message()
    message = library.message()
    fields = message._fields
    fields.tt_class, fields.address, fields.scope, fields.status = 77, int(Address.OTYPE), 9, 600
    assert str(message) == PRINTS["odd"]


def test_fresh_pattern(library: Library) -> None:
    assert str(library.pattern()) == PRINTS["fresh pattern"]


def test_full_pattern(library: Library) -> None:
    """05-51: newest first, a blank behind each; OTYPE, objects and dispositions are not shown."""
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION, "Older", "Newer")
    pattern.add_scope(Scope.FILE)
    for kind in (Class.REQUEST, Class.NOTICE):
        pattern.add_class(kind)
    pattern.add_state(State.SENT)
    for address in (Address.PROCEDURE, Address.OTYPE):
        pattern.add_address(address)
    pattern.add_disposition(Disposition.QUEUE)
    for opnum in (7, 8):
        pattern.add_opnum(opnum)
    pattern.add_sender("somebody")
    pattern.add_sender_ptype("Ptype")
    pattern.add_object("unseen")
    pattern._fields.files.append(b"localhost:/etc/passwd")
    pattern.add_arg(Mode.IN, "string", "exact")
    pattern.add_arg(Mode.UNDEFINED, "ALL")
    pattern.add_arg(Mode.INOUT, "integer", -5)
    pattern.add_arg(Mode.IN, "bytes", b"a\0b")
    pattern.add_context("zz", "one", 2)
    pattern.add_context("$AA", "x")
    pattern.add_context("mm")
    assert pattern.format() == PRINTS["full pattern"]
