"""Criteria of patterns, and their calls."""

from __future__ import annotations

import pytest
from tests.pure.client.library import ADDRESS, Scripted

from tooltalk.model.arg import INT, UNSET, Arg
from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.status import Status
from ttclient import registering
from ttclient.errors import DatabaseError, HandleError, ToolTalkError


def test_fresh_pattern() -> None:
    pattern = Scripted().pattern()
    assert pattern.category == Category.UNSET == 5
    assert pattern.id == f"0:1.t {ADDRESS}"


def test_criteria() -> None:
    library = Scripted()
    pattern = library.pattern(Category.HANDLE, None, "one", "two", "one")
    for kind in (Class.NOTICE, Class.OFFER):
        pattern.add_class(kind)
    pattern.add_address(Address.OTYPE)
    pattern.add_scope(Scope.FILE_IN_SESSION)
    pattern.add_state(State.SENT)
    pattern.add_disposition(Disposition.QUEUE | Disposition.START)
    pattern.add_opnum(5)
    pattern.add_object("x")
    fields = pattern._fields
    assert (fields.classes, fields.addresses, fields.scopes, fields.states) == (0b1010, 0b1000, 0b10000, 0b10)
    assert fields.dispositions == 0b1000
    assert fields.ops == [b"two", b"one"], "newest first, without duplicates"
    assert (fields.opnums, fields.objects) == ([5], [b"x"])


def test_criteria_are_checked() -> None:
    pattern = Scripted().pattern()
    for add, status in (
        (pattern.add_class, 1025),
        (pattern.add_address, 1039),
        (pattern.add_scope, 1047),
        (pattern.add_disposition, 1046),
    ):
        with pytest.raises(ToolTalkError, match=str(status)):
            add(77)  # type: ignore[operator]
    for add in (pattern.add_op, pattern.add_sender, pattern.add_sender_ptype, pattern.add_object):
        with pytest.raises(HandleError):
            add(None)  # type: ignore[operator]


def test_one_op_is_not_several() -> None:
    """A string is a sequence of strings, too."""
    with pytest.raises(HandleError, match=r"\['Saved'\]"):
        Scripted().pattern().add(ops="Saved")


def test_arguments_without_value_match_any() -> None:
    """05 trap 11: unset in a pattern, null in a message."""
    pattern = Scripted().pattern()
    pattern.add_arg(Mode.IN, "string")
    pattern.add_arg(Mode.UNDEFINED, "ALL")
    pattern.add_arg(Mode.IN, "integer", 4)
    assert pattern._fields.args == [
        Arg(1, b"string", None, UNSET),
        Arg(0, b"ALL", None, UNSET),
        Arg(1, b"integer", 4, INT),
    ]


def test_contexts_accumulate_in_order_of_slots() -> None:
    """05-48: a slot may have several values or, as the manual of C allows, none."""
    pattern = Scripted().pattern()
    pattern.add_context("zz", "a", 2)
    pattern.add_context("aa", None)
    pattern.add_context("zz", b"b")
    contexts = pattern._fields.contexts
    assert [(context.slot, [arg.value for arg in context.values]) for context in contexts] == [
        (b"aa", []),
        (b"zz", [b"a", 2, b"b"]),
    ]
    with pytest.raises(ToolTalkError, match="1063"):
        pattern.add_context("a-b", "x")


def test_register_twice() -> None:
    """05-39: 1029 without asking the server; after unregistering it may come again, with the same id."""
    library = Scripted(0, 0, 0)
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION)
    library.run(registering.register(pattern, library.endpoint))
    with pytest.raises(ToolTalkError) as caught:
        library.run(registering.register(pattern, library.endpoint))
    assert caught.value.status == Status.ERR_INVALID
    library.run(registering.unregister(pattern, library.endpoint))
    library.run(registering.register(pattern, library.endpoint))
    assert library.asked == ["ADD_PATTERN", "DEL_PATTERN", "ADD_PATTERN"]
    assert library.calls[0].args.pattern.id == library.calls[2].args.pattern.id


def test_category_is_needed_but_undefined_is_one() -> None:
    """05-39"""
    library = Scripted(0)
    with pytest.raises(ToolTalkError) as caught:
        library.run(registering.register(library.pattern(), library.endpoint))
    assert caught.value.status == Status.ERR_CATEGORY
    library.run(registering.register(library.pattern(Category.UNDEFINED), library.endpoint))


def test_destroy_always_asks_and_unregister_only_if_registered() -> None:
    """05-40"""
    library = Scripted(1)
    pattern = library.pattern(Category.OBSERVE)
    assert library.run(registering.unregister(pattern, library.endpoint)) == Status.OK
    assert library.asked == []
    assert library.run(registering.destroy(pattern, library.endpoint)) == Status.OK
    assert library.asked == ["DEL_PATTERN"]
    assert pattern._fields.id not in library.store.patterns
    with pytest.raises(HandleError):
        pattern.category  # noqa: B018


def test_contexts_choose_the_procedure() -> None:
    """05-41"""
    library = Scripted(0)
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION)
    pattern.add_context("c", "v")
    library.run(registering.register(pattern, library.endpoint))
    assert library.asked == ["ADD_PATTERN_WITH_CONTEXT"]


@pytest.mark.parametrize("scope", [Scope.FILE, Scope.BOTH])
def test_files_of_file_scope_need_a_database(scope: Scope) -> None:
    """1027, and the pattern is registered all the same (spec 03 section 16.2)."""
    library = Scripted(0)
    pattern = library.pattern(Category.OBSERVE, scope)
    pattern._fields.files.append(b"vm:/a")
    with pytest.raises(DatabaseError) as caught:
        library.run(registering.register(pattern, library.endpoint))
    assert caught.value.status == Status.ERR_DBEXIST
    assert pattern.registered
    assert library.asked == ["ADD_PATTERN"]


def test_files_in_session_need_none() -> None:
    library = Scripted(0)
    pattern = library.pattern(Category.OBSERVE, Scope.FILE_IN_SESSION)
    pattern._fields.files.append(b"vm:/a")
    assert library.run(registering.register(pattern, library.endpoint)) == Status.OK


def test_refusal_of_the_server() -> None:
    """05-44: HANDLE_PUSH with a file scope is refused by the server; the pattern is not registered."""
    library = Scripted(1054)
    pattern = library.pattern(Category.HANDLE_PUSH, Scope.FILE)
    with pytest.raises(NotImplementedError):
        library.run(registering.register(pattern, library.endpoint))
    assert not pattern.registered
