"""Attributes, arguments and contexts of messages."""

from __future__ import annotations

import gc
from pathlib import PurePosixPath
from weakref import ref

import pytest
from tests.pure.client.library import ADDRESS, Library

import ttclient
from tooltalk.model.arg import INT, STRING, Arg
from tooltalk.model.enums import Address, Class, Disposition, Mode, Scope, State
from tooltalk.status import Status
from ttclient.codecs import string_list
from ttclient.errors import HandleError, IndexOutOfRange, NoServerError, SlotNameError, ToolTalkError


@pytest.fixture
def library() -> Library:
    library = Library(uid=7, gid=8)
    library.procid()
    return library


def test_fresh_message(library: Library) -> None:
    """05-12"""
    message = library.message()
    assert message.message_class == Class.UNDEFINED
    assert message.address == Address.UNSET == 4
    assert message.scope == Scope.NONE
    assert message.disposition == Disposition.DISCARD
    assert message.state == State.CREATED
    assert (message.status, message.opnum) == (0, -1)
    assert (message.op, message.object, message.otype, message.status_string) == (None,) * 4
    assert (message.uid, message.gid) == (7, 8)
    assert message._fields.session == b"P " + ADDRESS.encode()
    assert message._fields.file is None
    assert message.id == f"0 1.t {ADDRESS}"
    assert library.message().id.startswith("1 ")


def test_defaults_come_from_the_procid_at_creation(library: Library) -> None:
    """05-13"""
    library.endpoint.default_file = b"vm:/a"
    library.endpoint.default_ptype = b"P"
    message = library.message()
    library.endpoint.default_file = library.endpoint.default_ptype = None
    assert message._fields.file == b"vm:/a"
    assert message.sender_ptype == "P"


@pytest.mark.parametrize(
    ("attribute", "good", "status"),
    [
        ("message_class", Class.OFFER, Status.ERR_CLASS),
        ("address", Address.HANDLER, Status.ERR_ADDRESS),
        ("scope", Scope.FILE_IN_SESSION, Status.ERR_SCOPE),
        ("disposition", Disposition.QUEUE | Disposition.START, Status.ERR_DISPOSITION),
    ],
)
def test_enumerations_are_checked_when_set_and_tolerated_when_read(
    library: Library, attribute: str, good: int, status: Status
) -> None:
    message = library.message()
    setattr(message, attribute, good)
    assert getattr(message, attribute) == good
    with pytest.raises(ToolTalkError) as caught:
        setattr(message, attribute, 77)
    assert caught.value.status == status
    assert getattr(message, attribute) == good
    message._fields.tt_class = 77
    assert message.message_class == 77


def test_strings_must_be_strings(library: Library) -> None:
    """05-17: None is 1041, an empty op is legal."""
    message = library.message()
    for attribute in ("op", "handler_ptype", "sender_ptype", "status_string", "object"):
        with pytest.raises(HandleError):
            setattr(message, attribute, None)
    message.op = ""
    assert message.op == ""


def test_text_and_bytes_survive(library: Library) -> None:
    message = library.message()
    message.op = "é"
    assert message._fields.op == "é".encode()
    message._fields.op = b"\xff\xfe"
    name = message.op
    assert name is not None
    message.op = name
    assert message._fields.op == b"\xff\xfe"


def test_object_ids_are_quoted(library: Library) -> None:
    message = library.message()
    message.object = r"a\0b\\0c"
    assert message._fields.object == b"a\0b\\0c"
    assert message.object == r"a\0b\\0c"


def test_start_mark_stays(library: Library) -> None:
    """05-34: status 0 does not take the 5 away, another one does."""
    message = library.message()
    message._fields.status = 5
    message.status = 0
    assert message.status == Status.WRN_START_MESSAGE
    message.status = 1541
    assert message.status == 1541


def test_a_status_is_a_number_of_32_bits(library: Library) -> None:
    message = library.message()
    with pytest.raises(HandleError):
        message.status = "no such page"  # type: ignore[assignment]
    with pytest.raises(IndexOutOfRange):
        message.status = 2**31
    assert message.status == 0


def test_arguments(library: Library) -> None:
    message = library.message()
    message.add_arg(Mode.IN, "string", "text")
    message.add_arg(Mode.OUT, "string")
    message.add_arg(Mode.INOUT, "integer", -1)
    message.add_arg(Mode.IN, "bytes", b"a\0\xff")
    message.add_arg(Mode.IN, "string", PurePosixPath("/a/b"))
    message.add_arg(Mode.IN, "list", ["x", ""], codec=string_list)
    assert [arg.value for arg in message.args[:3]] == ["text", None, -1]
    assert message._fields.args[2] == Arg(3, b"integer", -1, INT)
    assert message._fields.args[1] == Arg(2, b"string", None, STRING)
    assert message.args[3].as_bytes() == b"a\0\xff"
    assert message.args[4].value == "/a/b"
    assert message.args[5].as_xdr(string_list) == ["x", ""]
    assert [arg.mode for arg in message.args][:3] == [Mode.IN, Mode.OUT, Mode.INOUT]
    assert [arg.vtype for arg in message.args][:3] == ["string", "string", "integer"]


def test_argument_errors(library: Library) -> None:
    """05-14, 05-15"""
    message = library.message()
    with pytest.raises(HandleError):
        message.add_arg(Mode.IN, None)  # type: ignore[arg-type]
    with pytest.raises(ToolTalkError, match="1031"):
        message.add_arg(9, "string")  # type: ignore[arg-type]
    with pytest.raises(HandleError):
        message.add_arg(Mode.IN, "string", 1.5)  # type: ignore[arg-type]
    message.add_arg(Mode.IN, "string", "text")
    message.add_arg(Mode.IN, "integer", 5)
    message.add_arg(Mode.IN, "string")
    for index in (-1, 3):
        with pytest.raises(IndexOutOfRange):
            message.args[index]
    with pytest.raises(HandleError):
        message.args[1].as_bytes()
    with pytest.raises(IndexOutOfRange) as caught:
        message.args[0].as_int()
    assert caught.value.status == Status.ERR_NUM
    with pytest.raises(HandleError):
        message.args[0].value = None
    assert message.args[2].as_bytes() is None
    with pytest.raises(ToolTalkError, match="1064"):
        message.args[0].as_xdr(string_list)


def test_setting_an_argument_changes_its_kind_only(library: Library) -> None:
    message = library.message()
    message.add_arg(Mode.OUT, "v")
    arg = message.args[0]
    for value in ("text", 7, b"\0"):
        arg.value = value
        assert (arg.mode, arg.vtype) == (Mode.OUT, "v")
    assert message._fields.args[0] == Arg(2, b"v", b"\0")
    arg.clear()
    assert arg.value is None
    arg.set_xdr(string_list, ["a"])
    assert arg.as_xdr(string_list) == ["a"]


@pytest.mark.parametrize("number", [1 << 31, -(1 << 31) - 1])
def test_numbers_have_32_bits(library: Library, number: int) -> None:
    with pytest.raises(ToolTalkError, match="32-bit"):
        library.message().add_arg(Mode.IN, "integer", number)


class Broken:
    """A codec that fails, or gives nothing."""

    def encode(self, value: object) -> bytes:
        if value is None:
            return b""
        raise ValueError("no")

    def decode(self, data: bytes) -> object:
        raise ValueError("no")


@pytest.mark.parametrize("value", [None, "x"])
def test_codec_failures(library: Library, value: str | None) -> None:
    with pytest.raises(ToolTalkError, match="1064"):
        library.message().add_arg(Mode.IN, "v", value, codec=Broken())


def test_string_list_form() -> None:
    """What the C library's codec wrote for these lists; it rounds the size up with zeros (seen)."""
    seen = bytes.fromhex("0000000300000002000000026162000000000003000000036364650000000000")
    assert seen.startswith(string_list.encode(["ab", "cde"]))
    assert string_list.decode(seen + bytes(7)) == ["ab", "cde"]
    assert string_list.encode(["", "x"]) == bytes.fromhex("000000030000000000000001000000017800000000000000")


def test_contexts(library: Library) -> None:
    """05-16"""
    message = library.message()
    for slot in ("zz", "$FOO", "b_1", "", "A"):
        message.contexts[slot] = slot + "!"
    message.contexts["n"] = 7
    message.contexts["b"] = b"\0\xff"
    message.contexts["A"] = "again"
    assert list(message.contexts) == ["", "$FOO", "A", "b", "b_1", "n", "zz"]
    assert (message.contexts["A"], message.contexts["n"], len(message.contexts)) == ("again", 7, 7)
    assert message.contexts.as_bytes("b") == b"\0\xff"
    assert message.contexts.as_int("n") == 7
    assert "n" in message.contexts
    assert message._fields.context(b"n").value == Arg(3, b"integer", 7, INT)  # type: ignore[union-attr]
    message.contexts.set_xdr("l", string_list, ["x"])
    assert message.contexts.as_xdr("l", string_list) == ["x"]


@pytest.mark.parametrize("slot", ["bad-slot", "a$b", "bad slot", "$$a", "é"])
def test_bad_slots(library: Library, slot: str) -> None:
    """05-16"""
    message = library.message()
    with pytest.raises(SlotNameError) as caught:
        message.contexts[slot] = "x"
    assert caught.value.status == Status.ERR_SLOTNAME
    with pytest.raises(KeyError):
        message.contexts[slot]
    assert message.contexts.get(slot) is None
    with pytest.raises(HandleError):
        message.contexts["a"] = None


def test_context_readers_check_the_kind(library: Library) -> None:
    message = library.message()
    message.contexts["n"], message.contexts["s"] = 7, "x"
    with pytest.raises(HandleError):
        message.contexts.as_bytes("n")
    with pytest.raises(IndexOutOfRange):
        message.contexts.as_int("s")


def test_user_data(library: Library) -> None:
    message = library.message()
    assert message.user[3] is None
    message.user[3] = "x"
    assert message.user[3] == "x"


def test_handles_die_with_the_library(library: Library) -> None:
    """05-11: attributes of a message of a closed library raise 1033."""
    message, pattern = library.message(Class.NOTICE, "Op"), library.pattern()
    library.store.close()
    for use in (lambda: message.op, lambda: message.args, lambda: pattern.category, message.format):
        with pytest.raises(NoServerError):
            use()
    assert "closed" in repr(message)
    assert "closed" in str(pattern)


def test_destroyed_handles_refuse(library: Library) -> None:
    message = library.message()
    message._destroyed = True
    with pytest.raises(HandleError, match="destroyed"):
        message.op  # noqa: B018


def test_messages_live_as_long_as_they_matter(library: Library) -> None:
    """Callbacks and user data keep a message, an unused one goes with its last reference."""
    plain = ref(library.message())
    with_callback, with_data = library.message(), library.message()
    with_callback.add_callback(lambda message, pattern: None)
    with_data.user[1] = 1
    kept = [ref(with_callback), ref(with_data)]
    del with_callback, with_data
    gc.collect()
    assert plain() is None
    assert all(message() is not None for message in kept)


def test_hook_hears_of_errors(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(ttclient, "on_error", lambda function, status: heard.append((function, status)))
    with pytest.raises(ToolTalkError):
        library.message().op = None  # type: ignore[assignment]
    assert heard == [("message.op", 1041)]
