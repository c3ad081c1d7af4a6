"""Messages, patterns, properties, types and contexts with a server, through the names of tt_c.h."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.process.client.conftest import Program, finished, next_message, ptype, readable, said
from tests.process.conftest import Server

import ttclient
from tooltalk.model.arg import Arg
from tooltalk.model.signature import Signature
from tooltalk.model.typetable import Otype as OtypeEntry
from tooltalk.model.typetable import TypeTable
from tooltalk.types.image import encode
from ttclient import Address, Category, Class, Message, Mode, Scope, State
from ttclient.errors import (
    DatabaseError,
    FileError,
    HandleError,
    IndexOutOfRange,
    NotImplementedYet,
    ToolTalkError,
    UnknownTypeError,
)

pytestmark = pytest.mark.process


def register(tt: ttclient.ProcId, category: Category, *ops: str, joined: bool = True) -> ttclient.Pattern:
    pattern = tt.pattern(category, scope=Scope.SESSION, ops=ops, session=tt.session if joined else None)
    pattern.register()
    return pattern


def test_own_notice_is_the_same_object(tt: ttclient.ProcId) -> None:
    """05-30"""
    pattern = register(tt, Category.OBSERVE, "Op")
    notice = Message.notice("Op")
    notice.send()
    assert next_message(tt) is notice
    assert notice.pattern is pattern
    assert notice.sender is tt
    assert notice.destroy()


def test_request_and_reply(tt: ttclient.ProcId) -> None:
    """05-29, 05-32, 05-35: another procid handles; both ends of one process share the object."""
    other = ttclient.open()
    register(other, Category.HANDLE, "Op")
    tt.make_default()
    request = Message.request("Op")
    request.add_arg(Mode.IN, "string", "in")
    request.add_arg(Mode.OUT, "string")
    request.user[1] = "mine"
    request.send()
    assert not request.destroy()
    handled = next_message(other)
    assert handled is request
    assert handled.handler is other
    handled.args[1].value = "out"
    handled.reply()
    assert next_message(tt) is request
    assert (request.state, request.args[1].value, request.user[1]) == (State.HANDLED, "out", "mine")
    assert request.destroy()
    with pytest.raises(HandleError):
        request.args  # noqa: B018


def test_nobody_handles(tt: ttclient.ProcId) -> None:
    """05-26"""
    request = Message.request("Nobody")
    request.send()
    assert next_message(tt) is request
    assert (request.state, request.status) == (State.FAILED, 1053)


def test_addressing_a_process(tt: ttclient.ProcId) -> None:
    """A message to Address.HANDLER reaches a procid without any pattern."""
    other = ttclient.open()
    message = Message()
    message.message_class, message.address, message.scope = Class.REQUEST, Address.HANDLER, Scope.SESSION
    message.op = "Direct"
    with pytest.raises(ToolTalkError, match="1042"):
        message.handler = ""  # type: ignore[assignment]
    with pytest.raises(HandleError):
        message.handler = None  # type: ignore[assignment]
    message.handler = tt
    message.send()
    assert next_message(tt) is message
    message.reply()
    assert next_message(other).state == State.HANDLED


def test_closing_the_handler_fails_its_requests(tt: ttclient.ProcId) -> None:
    """05-38"""
    other = ttclient.open()
    register(other, Category.HANDLE, "Op")
    tt.make_default()
    request = Message.request("Op")
    request.send()
    next_message(other)
    other.close()
    assert next_message(tt) is request
    assert (request.state, request.status) == (State.FAILED, 1042)


OFFERING = """
import ttclient
tt = ttclient.open()
p = tt.pattern(ttclient.Category.OBSERVE, scope=ttclient.Scope.SESSION, ops=["Offer"], session=tt.session)
p.add_state(ttclient.State.SENT)
p.register()
print("ready", flush=True)
votes = ["accept", "reject", "receive", "destroy"]
import select
while votes:
    select.select([tt], [], [])
    m = tt.receive()
    if m is not None:
        getattr(tt if votes[0] == "receive" else m, votes[0])()
        votes.pop(0)
tt.close()
"""


def test_offers(tt: ttclient.ProcId, program: Program) -> None:
    """05-36: a vote of each kind, and one that is made by not voting."""
    voter = program(OFFERING)
    assert said(voter) == "ready"
    for voters in ("accepters", "rejecters", "abstainers", "abstainers"):
        offer = Message.request("Offer")
        offer.message_class = Class.OFFER
        offer.send()
        assert next_message(tt) is offer
        assert offer.state == State.RETURNED
        counts = {name: len(getattr(offer, name)) for name in ("accepters", "rejecters", "abstainers")}
        assert counts == {"accepters": 0, "rejecters": 0, "abstainers": 0, voters: 1}
    finished(voter)


DYING = """
import sys, ttclient
tt = ttclient.open()
m = ttclient.Message.notice("Bye")
m.send_on_exit()
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[1] == "close":
    tt.close()
"""


@pytest.mark.parametrize(("how", "heard"), [("end", True), ("kill", True), ("close", False)])
def test_on_exit(tt: ttclient.ProcId, program: Program, how: str, heard: bool) -> None:
    """05-37: delivered when the sender ends without closing its procid, not after close()."""
    register(tt, Category.OBSERVE, "Bye", "After")
    dying = program(DYING, how)
    assert said(dying) == "ready"
    if how == "kill":
        dying.kill()
        dying.wait()
    else:
        finished_input(dying)
    if not heard:
        Message.notice("After").send()
    assert next_message(tt).op == ("Bye" if heard else "After")


def finished_input(process: object) -> None:
    """Say a line to a program and let it end."""
    output, _ = process.communicate("go\n", timeout=20)  # type: ignore[attr-defined]
    assert process.returncode == 0, output  # type: ignore[attr-defined]


def test_join_applies_to_patterns_registered_before(tt: ttclient.ProcId) -> None:
    """05-42"""
    register(tt, Category.OBSERVE, "Before", joined=False)
    tt.join_session()
    register(tt, Category.OBSERVE, "After", joined=False)
    for op in ("After", "Before"):
        Message.notice(op).send()
    assert next_message(tt).op == "Before"
    assert not readable(tt, 0)


def test_changes_of_a_registered_pattern_are_local(tt: ttclient.ProcId) -> None:
    """05-43"""
    pattern = register(tt, Category.OBSERVE, "One")
    register(tt, Category.OBSERVE, "End")
    pattern.add_op("Two")
    for op in ("Two", "End"):
        Message.notice(op).send()
    assert next_message(tt).op == "End"
    pattern.unregister()
    pattern.register()
    Message.notice("Two").send()
    assert next_message(tt).op == "Two"


@pytest.mark.parametrize("category", [Category.HANDLE_PUSH, Category.HANDLE_ROTATE])
def test_push_and_rotate_with_files(tt: ttclient.ProcId, category: Category) -> None:
    """05-44"""
    with pytest.raises(NotImplementedYet):
        tt.pattern(category, scope=Scope.FILE).register()


def test_what_needs_a_file_database(tt: ttclient.ProcId) -> None:
    """05-25, and spec 03 section 16.2: each with the status it has where no database server runs."""
    pattern = tt.pattern(Category.OBSERVE, scope=Scope.FILE, ops=["Saved"], file="/etc/passwd")
    with pytest.raises(DatabaseError) as caught:
        pattern.register()
    assert caught.value.status == 1027
    assert pattern.registered
    with pytest.raises(DatabaseError):
        tt.join_file("/etc/passwd")
    with pytest.raises(FileError):
        tt.quit_file("/etc/passwd")
    notice = Message.notice("Saved", Scope.FILE)
    notice.file = "/etc/passwd"
    with pytest.raises(FileError) as refused:
        notice.send()
    assert refused.value.status == 1028
    assert notice.state == State.CREATED
    notice.scope = Scope.FILE_IN_SESSION
    notice.send()
    for use in (
        lambda: ttclient.File("/a").move("/b"),
        lambda: ttclient.ObjectSpec.create("/a"),
        lambda: ttclient.objid_equal("a", "b"),
    ):
        with pytest.raises(DatabaseError):
            use()


def test_files_in_the_session(tt: ttclient.ProcId) -> None:
    """A notice about a file reaches the pattern with that file, and no other."""
    for path in ("/etc/passwd", "/etc/group"):
        tt.pattern(
            Category.OBSERVE, scope=Scope.FILE_IN_SESSION, ops=["Saved"], session=tt.session, file=path
        ).register()
    notice = Message.notice("Saved", Scope.FILE_IN_SESSION)
    notice.file = "/etc/../etc/group"
    notice.send()
    assert next_message(tt).file == "/etc/group"
    assert notice.pattern is not None
    assert notice.pattern._fields.files[0].endswith(b":/etc/group")
    with pytest.raises(FileError):
        notice.file = ""


def test_contexts(tt: ttclient.ProcId) -> None:
    """05-48: a joined value matches at once, and a slot that lost its last one matches any."""
    pattern = tt.pattern(Category.OBSERVE, scope=Scope.SESSION, ops=["Op"], session=tt.session)
    pattern.add_context("slot", "a")
    pattern.register()
    end = register(tt, Category.OBSERVE, "End")

    def matches(value: str | int) -> bool:
        notice = Message.notice("Op")
        notice.contexts["slot"] = value
        notice.send()
        Message.notice("End").send()
        message = next_message(tt)
        if message.pattern is not end:
            next_message(tt)
        return message.pattern is pattern

    assert [matches(value) for value in ("a", "b", 7)] == [True, False, False]
    tt.join_context("slot", "b")
    tt.join_context("slot", 7)
    assert [matches(value) for value in ("a", "b", 7)] == [True, True, True]
    for value in ("a", "b", 7):
        tt.quit_context("slot", value)
    assert matches("anything")
    for call in (tt.join_context, tt.quit_context):
        with pytest.raises(ToolTalkError, match="1063"):
            call("a-b", "x")


def test_properties(tt: ttclient.ProcId) -> None:
    """05-20"""
    session = tt.session
    session.set_prop("p", "one")
    session.add_prop("p", b"t\0wo")
    session.props["q"] = None
    assert list(session.props) == ["p", "q"]
    assert (session.prop("p"), session.prop_bytes("p", 1), session.prop_count("q")) == ("one", b"t\0wo", 1)
    assert session.prop_values("p") == ["one", "t\0wo"]
    assert session.props["q"] == ""
    assert (session.propnames_count, session.propname(1), "p" in session.props) == (2, "q", True)
    for use, status in (
        (lambda: session.prop("x" * 65), 1044),
        (lambda: session.prop(""), 1029),
        (lambda: session.prop("missing"), 1044),
        (lambda: session.prop("p", 2), 1035),
        (lambda: session.prop("p", -1), 1029),
        (lambda: session.prop_count("missing"), 1044),
        (lambda: session.propname(2), 1035),
        (lambda: session.propname(-1), 1029),
        (lambda: ttclient.Session("P 01 elsewhere").prop("p"), 1041),
        (lambda: session.prop(None), 1041),  # type: ignore[arg-type]
    ):
        with pytest.raises(ToolTalkError) as caught:
            use()
        assert caught.value.status == status
    assert ttclient.Session(str(session)).prop("p") == "one"


def signature(op: str, category: Category, *args: Arg, **more: object) -> Signature:
    return Signature(op.encode(), category, scope=Scope.SESSION, args=args, **more)  # type: ignore[arg-type]


def test_otypes(no_session: Path, types: Callable[..., None], serve: Callable[..., Server]) -> None:
    """05-18, 05-46"""
    base, derived = OtypeEntry(b"Base"), OtypeEntry(b"Derived")
    derived.parents.append(b"Base")
    method = signature(
        "Meth", Category.HANDLE, Arg(1, b"string"), Arg(2, b"integer"), ptid=b"P", otid=b"Base"
    )
    base.handles.append(method)
    types(ptype("P", None), base, derived)
    ttclient.open(serve().address)
    otype = ttclient.Otype("Base")
    assert (otype.base, ttclient.Otype("Derived").base) == (None, "Base")
    assert (list(otype.derived), otype.derived[1]) == (["Derived"], None)
    for index in (-1, 2):
        with pytest.raises(IndexOutOfRange):
            otype.derived[index]
    assert ttclient.Otype("Derived").is_derived_from(otype)
    assert otype.is_derived_from("Base")
    assert not otype.is_derived_from("Nope")
    (found,) = otype.handle_signatures
    assert found.op == "Meth"
    assert [tuple(arg) for arg in found.args] == [(Mode.IN, "string"), (Mode.OUT, "integer")]
    assert len(otype.observe_signatures) == 0
    with pytest.raises(IndexOutOfRange):
        otype.handle_signatures[1]
    message = Message()
    for use in (
        lambda: ttclient.Otype("Nope").base,
        lambda: len(ttclient.Otype("Nope").derived),
        lambda: setattr(message, "otype", "Nope"),
        lambda: ttclient.Pattern().add_otype("Nope"),
    ):
        with pytest.raises(UnknownTypeError) as caught:
            use()
        assert caught.value.status == 1038
    message.otype = "Derived"
    assert message.otype == "Derived"


def test_super_messages(no_session: Path, types: Callable[..., None], serve: Callable[..., Server]) -> None:
    """create_super keeps op, otype, arguments and class, and nothing else."""
    types(OtypeEntry(b"Base"))
    ttclient.open(serve().address)
    message = Message.object_request("objid", "Op")
    with pytest.raises(ToolTalkError, match="1038"):
        message.create_super()
    message.otype = "Base"
    message.add_arg(Mode.IN, "string", "x")
    message.contexts["c"] = "v"
    parent = message.create_super()
    assert (parent.op, parent.otype, parent.object, len(parent.args)) == ("Op", "Base", "objid", 1)
    assert (parent.scope, len(parent.contexts)) == (Scope.NONE, 0)
    with pytest.raises(ToolTalkError, match="1039"):
        Message.notice("Op").create_super()


def test_ptypes(no_session: Path, types: Callable[..., None], serve: Callable[..., Server]) -> None:
    """05-45"""
    types(ptype("Known", None, signature("Op", Category.HANDLE, opnum=7, tt_class=Class.REQUEST)))
    tt = ttclient.open(serve().address)
    with pytest.raises(UnknownTypeError) as caught:
        tt.declare_ptype("Unknown")
    assert caught.value.status == 1045
    assert tt.default_ptype is None
    assert (tt.ptype_exists("Known"), ttclient.Ptype("Unknown").exists) == (True, False)
    seen: list[object] = []
    tt.add_ptype_callback("Known", 7, lambda message, pattern: seen.append((message.opnum, pattern)))
    tt.declare_ptype("Known")
    tt.join_session()
    assert tt.default_ptype == "Known"
    request = Message.request("Op")
    request.send()
    assert next_message(tt) is request
    assert seen == [(7, None)]
    assert request.handler_ptype == "Known"
    request.reply()
    next_message(tt)
    tt.undeclare_ptype("Known")
    with pytest.raises(UnknownTypeError):
        tt.undeclare_ptype("Known")


def test_loading_types(tt: ttclient.ProcId, no_session: Path) -> None:
    """05-47"""
    with pytest.raises(FileError) as caught:
        tt.session.load_types(no_session / "nothing")
    assert caught.value.status == 1028
    file = no_session / "types.xdr"
    file.write_bytes(b"no types")
    with pytest.raises(ToolTalkError, match=r"1053.*tt_type_comp"):
        tt.session.load_types(file)
    file.write_bytes(b"\0\0\0\4")
    with pytest.raises(DatabaseError, match="1060"):
        tt.session.load_types(file)
    table = TypeTable()
    table.ptypes.insert(ptype("Loaded", None, signature("Op", Category.HANDLE)))
    file.write_bytes(encode(table))
    tt.session.load_types(file)
    assert tt.ptype_exists("Loaded")


def test_callbacks_may_call_anything(tt: ttclient.ProcId) -> None:
    """05 section 9.3: receive and destroy too; an exception comes out, and the message is not lost."""
    pattern = register(tt, Category.OBSERVE, "Op")
    seen: list[int] = []

    def callback(message: Message, found: ttclient.Pattern | None) -> None:
        seen.append(message.args[0].as_int())
        if seen == [0]:
            assert readable(tt)
            tt.receive()
            message.destroy()
        if seen[-1] == 2:
            raise ValueError("stop")

    pattern.add_callback(callback)
    for number in range(3):
        tt.send("Op", number)
    assert readable(tt)
    tt.receive()
    assert seen == [0, 1]
    assert readable(tt)
    with pytest.raises(ValueError, match="stop"):
        tt.receive()
    message = tt.receive()
    assert message is not None
    assert message.args[0].value == 2


def test_processed_messages_are_not_returned(tt: ttclient.ProcId) -> None:
    """05-31"""
    pattern = register(tt, Category.OBSERVE, "Op")
    pattern.add_callback(lambda message, found: ttclient.CallbackAction.PROCESSED)
    tt.send("Op")
    assert readable(tt)
    assert tt.receive() is None
    assert not readable(tt, 0)


def test_large_values(tt: ttclient.ProcId) -> None:
    """01-6: several megabytes, unchanged."""
    register(tt, Category.OBSERVE, "Op")
    value = bytes(range(256)) * (16 << 10)
    tt.send("Op", value)
    assert next_message(tt).args[0].as_bytes() == value


def test_netfiles_of_other_hosts(tt: ttclient.ProcId) -> None:
    """05 section 11.3: asking another host takes its database server; an unknown one is 1026."""
    name = ttclient.file_to_netfile("/etc/passwd")
    assert ttclient.netfile_to_file(name) == "/etc/passwd"
    with pytest.raises(DatabaseError) as caught:
        ttclient.file_to_netfile("/a", host="no-such-host.invalid")
    assert caught.value.status == 1026


def test_end_of_program_leaves_nothing(session: Server, program: Program) -> None:
    """A program that sends and ends, without closing: no warning, and the notice arrives."""
    tt = ttclient.open()
    register(tt, Category.OBSERVE, "Saved")
    finished(program('import ttclient; ttclient.send("Saved", "file.txt")'))
    message = next_message(tt)
    assert (message.op, message.args[0].value, message.args[0].vtype) == ("Saved", "file.txt", "string")
