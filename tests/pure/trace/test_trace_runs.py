"""The C server's text, byte for byte: the runs of spec 03 section 19 (03-72)."""

from __future__ import annotations

from typing import Any

from tests.pure.trace.trace_stage import (
    Stage,
    arg,
    assert_sample,
    become,
    known,
    message,
    null,
    pattern,
)

from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature

SID = b"<SID>"
IN_A = arg(Mode.IN, b"string", name=b"a")


def p(number: int, pid: int) -> ProcId:
    return known(b"<P%d>" % number, pid)


def unknown(procid: ProcId) -> ProcId:
    return ProcId(procid.id, procid.pid)


def request(number: int, sender: ProcId, op: bytes, *args: Arg, **fields: Any) -> Message:
    made = message(number, sender, op, Class.REQUEST, *args, session=SID)
    made.state = int(State.SENT)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def wanted(owner: bytes, category: Category, op: bytes, *args: Arg, **fields: Any) -> Pattern:
    return pattern(b"0:" + owner, category, [op], *args, session=b"P " + SID, **fields)


def static(number: int, category: Category, op: bytes, *args: Arg, **fields: Any) -> Pattern:
    made = pattern(b"%d:" % number + SID, category, [op], *args, session=SID)
    made.classes = 1 << Class.UNDEFINED
    made.addresses = 1 << Address.PROCEDURE
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def signature(
    op: bytes, ptid: bytes, opnum: int, category: Category = Category.HANDLE, **fields: Any
) -> Signature:
    return Signature(op, category, scope=Scope.SESSION, args=(IN_A,), ptid=ptid, opnum=opnum, **fields)


def inside(stage: Stage) -> Stage:
    """What follows stands in an operation that is not part of the sample."""
    stage.trace.enter("tt_message_send", None)
    stage.text()
    return stage


def test_19_1_an_observer_and_two_handlers() -> None:
    stage = Stage()
    sender, observer, first, second = p(1, 49), p(4, 52), p(2, 50), p(3, 51)
    out = null(Mode.OUT, b"string")
    foo = request(0, unknown(sender), b"Foo", arg(Mode.IN, b"string", b"hello"), out)
    foo.state = int(State.CREATED)
    observes = wanted(b"<P4>", Category.OBSERVE, b"Foo")
    stage.trace.enter("tt_message_send", foo)
    foo.sender = sender
    stage.trace.change(*become(foo, State.SENT))
    stage.trace.leave()
    stage.trace.pattern(observes, 0, 3, "")
    stage.trace.delivery(observer)
    stage.trace.pattern(wanted(b"<P3>", Category.HANDLE, b"Foo", classes=1 << Class.REQUEST), 0, 4, "")
    stage.trace.pattern(wanted(first.id, Category.HANDLE, b"Foo"), 0, 3, "")
    stage.trace.delivery(second)
    stage.trace.leave()
    stage.trace.enter("tt_message_reply", None)
    foo.args = (foo.args[0], arg(Mode.OUT, b"string", b"result"))
    stage.trace.change(*become(foo, State.HANDLED, pattern_id=b"0:<P3>", handler=second))
    stage.trace.pattern(observes, 0, 3, "")
    stage.trace.delivery(observer)
    stage.trace.delivery(sender)
    assert_sample("03-19.01", stage.text())


def test_19_2_nobody() -> None:
    stage = inside(Stage())
    stage.trace.change(*become(request(0, p(1, 49), b"Foo"), State.FAILED, status=1053))
    stage.trace.delivery(p(1, 49))
    assert_sample("03-19.02", stage.text())


def test_19_3_a_chain_of_rejects() -> None:
    stage = Stage()
    sender, second, third = p(1, 49), p(2, 50), p(3, 51)
    rej = request(
        0, sender, b"Rej", status=1601, status_string=b"because", pattern_id=b"0:<P4>", handler=p(4, 52)
    )
    stage.trace.enter("tt_message_reject", rej)
    stage.trace.change(*become(rej, State.REJECTED))
    stage.trace.pattern(wanted(third.id, Category.HANDLE, b"Rej"), 0, 3, "")
    stage.trace.pattern(wanted(second.id, Category.HANDLE, b"Rej"), 0, 3, "")
    stage.trace.delivery(third)
    stage.trace.leave()
    stage.trace.leave()
    become(rej, State.SENT, handler=second, pattern_id=b"0:<P2>", status_string=b"no")
    stage.trace.enter("tt_message_reject", rej)
    stage.trace.change(*become(rej, State.REJECTED))
    become(rej, State.SENT)
    stage.trace.change(*become(rej, State.FAILED, handler=None, status=1053))
    stage.trace.pattern(wanted(b"<P5>", Category.OBSERVE, b"Rej"), 0, 3, "")
    stage.trace.delivery(p(5, 53))
    stage.trace.delivery(sender)
    assert_sample("03-19.03", stage.text())


def test_19_4_a_handler_fails_it_and_a_handler_dies() -> None:
    stage = Stage()
    sender = p(1, 49)
    args = (arg(Mode.INOUT, b"string", b"h2val"), arg(Mode.IN, b"string", b"y"))
    foo = request(6, sender, b"Foo", *args, handler=p(4, 52), file=b"host:/etc/passwd")
    foo.contexts = (Context(b"slot", arg(Mode.INOUT, b"string", b"v")),)
    stage.trace.enter("tt_message_fail", None)
    stage.trace.change(*become(foo, State.FAILED, status=1602, status_string=b"failing"))
    stage.trace.delivery(sender)
    stage.trace.leave()
    stage.trace.leave()
    rej = request(7, sender, b"Rej", pattern_id=b"0:<P3>", handler=p(3, 51))
    stage.trace.enter("TT_ERR_PROCID", None)
    stage.trace.change(*become(rej, State.FAILED, status=1042))
    stage.trace.delivery(sender)
    assert_sample("03-19.04", stage.text())


def test_19_5_an_offer_with_a_dead_voter() -> None:
    stage = Stage()
    sender = p(1, 49)
    voters = {number: p(number, 48 + number) for number in range(2, 8)}
    offer = request(0, sender, b"Off", tt_class=int(Class.OFFER), pattern_id=b"0:<P2>")
    votes = (
        ("tt_message_accept", State.ACCEPTED, "accepters", 2),
        ("tt_message_reject", State.REJECTED, "rejecters", 3),
        ("tt_message_destroy", State.ABSTAINED, "abstainers", 4),
    )
    for word, state, voter_list, number in votes:
        setattr(offer, voter_list, [unknown(voters[number])])
        stage.trace.enter(word, offer)
        stage.trace.change(*become(offer, state))
        stage.trace.leave()
        stage.trace.leave()
        setattr(offer, voter_list, None)
        become(offer, State.SENT)
    stage.trace.enter("TT_ERR_PROCID", None)
    stage.trace.change(*become(offer, State.ABSTAINED, status=1042, pattern_id=b"0:<P7>"))
    become(offer, State.SENT, status=0, pattern_id=None)
    offer.accepters, offer.rejecters = [voters[2]], [voters[3]]
    offer.abstainers = [voters[number] for number in range(4, 8)]
    stage.trace.change(*become(offer, State.RETURNED))
    stage.trace.delivery(sender)
    assert_sample("03-19.05", stage.text())


def test_19_6_queued_and_retried() -> None:
    queued = {"disposition": int(Disposition.QUEUE), "opnum": 12, "handler_ptype": b"PH"}
    stage = inside(Stage())
    hq = request(0, p(1, 53), b"Hq", arg(Mode.IN, b"string", b"q"))
    stage.trace.signature(signature(b"Hq", b"PH", 12, disposition=Disposition.QUEUE), 4, "")
    stage.trace.change(*become(hq, State.QUEUED, **queued))
    stage.trace.delivery(p(1, 53))
    assert_sample("03-19.06-1", stage.text())
    stage = Stage()
    stage.trace.enter("tt_session_join", request(0, p(1, 53), b"Hq", status=1053, **queued))
    retried = static(3, Category.HANDLE, b"Hq", IN_A, opnums=[12], handler_ptypes=[b"PH"])
    stage.trace.pattern(retried, 0, 10, "")
    stage.trace.delivery(p(2, 54))
    assert_sample("03-19.06-2", stage.text())


def test_19_7_released_after_the_first_of_a_burst() -> None:
    stage = Stage()
    m3 = request(2, p(1, 53), b"Hs", disposition=int(Disposition.START), opnum=11, handler_ptype=b"PH")
    stage.trace.enter("tt_message_accept", m3)
    stage.trace.pattern(static(3, Category.HANDLE, b"Hs", IN_A), 0, 10, "")
    stage.trace.delivery(p(4, 57))
    assert_sample("03-19.07", stage.text())


def test_19_8_a_static_observer_beside_a_handler() -> None:
    stage = inside(Stage())
    start: dict[str, Any] = {"disposition": Disposition.START}
    stage.trace.signature(signature(b"Hop", b"PO", 21, Category.OBSERVE, **start), 4, "")
    stage.trace.signature(signature(b"Hop", b"PH", 11, **start), 4, "")
    copy = request(0, p(1, 53), b"Hop", opnum=21, handler_ptype=b"PH", disposition=int(Disposition.START))
    stage.trace.change(int(State.SENT), int(State.SENT), copy)
    stage.trace.leave()
    stage.trace.pattern(static(3, Category.HANDLE, b"Hop", IN_A), 0, 10, "")
    stage.trace.delivery(p(2, 54))
    assert_sample("03-19.08", stage.text())


def test_19_9_an_otype_pattern_shows_address_object_only() -> None:
    """The C server's loop ends one address early; scripts compare its text, so ours does too."""
    stage = inside(Stage())
    op1 = request(0, p(1, 53), b"op1", arg(Mode.IN, b"string", b"x"), otype=b"Base")
    op1.state, op1.address, op1.scope = int(State.CREATED), int(Address.OTYPE), int(Scope.NONE)
    stage.trace.change(*become(op1, State.SENT))
    text = stage.text()
    stage.trace.leave()
    base: dict[str, Any] = {"otid": b"Base", "super_otid": b"Base"}
    stage.trace.signature(signature(b"op1", b"PU", 4, Category.OBSERVE, **base), 4, "")
    stage.trace.signature(signature(b"op1", b"PT", 1, **base), 4, "")
    derived: dict[str, Any] = {"otid": b"Derived", "super_otid": b"Base"}
    stage.trace.signature(signature(b"op1", b"PU", 11, **derived), 0, "otype")
    of_otype = {"addresses": 1 << Address.OTYPE | 1 << Address.OBJECT, "otypes": [b"Base"]}
    stage.trace.pattern(static(3, Category.OBSERVE, b"op1", IN_A, opnums=[4], **of_otype), 0, 10, "")
    stage.trace.delivery(p(3, 55))
    handles = static(4, Category.HANDLE, b"op1", IN_A, opnums=[1], handler_ptypes=[b"PT"], **of_otype)
    stage.trace.pattern(handles, 0, 11, "")
    stage.trace.delivery(p(2, 54))
    # The sample begins below the line of the change.
    assert_sample("03-19.09", text.partition("\n")[2] + stage.text())


def test_19_10_joined_contexts() -> None:
    stage = inside(Stage())
    cs = static(3, Category.HANDLE, b"Cs", opnums=[9], handler_ptypes=[b"PC"])
    values = [arg(Mode.INOUT, b"string", value) for value in (b"v1", b"v2")]
    cs.contexts = [PatternContext(b"ctx1", values)]
    stage.trace.pattern(cs, 0, 10, "")
    text = stage.text()
    assert_sample("03-19.10", text[text.index("\t\tcontexts:") :])


def test_19_11_the_handler_in_another_session_rejects() -> None:
    stage = Stage()
    foo = request(0, p(1, 64), b"Foo", scope=int(Scope.FILE), file=b"host:/tmp/f")
    stage.trace.enter("ttsession <- ttsession", foo)
    stage.trace.change(*become(foo, State.REJECTED))
    become(foo, State.SENT)
    stage.trace.change(*become(foo, State.FAILED, status=1053))
    stage.trace.delivery(p(2, 65))
    stage.trace.delivery(p(1, 64))
    assert_sample("03-19.11", stage.text())


def short_run(stage: Stage) -> str:
    sender, handler = p(1, 49), p(2, 50)
    foo = request(0, sender, b"Foo")
    foo.state = int(State.CREATED)
    stage.trace.enter("tt_message_send", foo)
    stage.trace.change(*become(foo, State.SENT))
    stage.trace.leave()
    stage.trace.pattern(wanted(handler.id, Category.HANDLE, b"Foo"), 0, 3, "")
    stage.trace.delivery(handler)
    stage.trace.leave()
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(foo, State.HANDLED, handler=handler))
    stage.trace.delivery(sender)
    stage.trace.leave()
    stage.trace.leave()
    return stage.text()


def test_19_12_the_short_form() -> None:
    """03-74."""
    assert_sample("03-19.12-1", short_run(Stage("attributes none")))


def test_19_12_the_short_form_with_follow() -> None:
    """07-19, 03-74: no line is without indentation, so none has a tab in the middle."""
    lines = short_run(Stage("follow on; attributes none", pid=76)).splitlines()
    assert lines[0] == "76:\ttt_message_send: TT_REQUEST <0 <P1>> TT_CREATED by <<P1>> Foo()"
    assert lines[1] == "76:\t\tTT_CREATED => TT_SENT: TT_REQUEST <0 <P1>> TT_SENT by <<P1>> Foo()"
    assert lines[-2].startswith("76:\ttt_message_reply: TT_SENT => TT_HANDLED: TT_REQUEST <0 <P1>>")
    assert lines[-1] == "76:\t\t\tTt_message => <P1> [49@localhost]"
    assert all(line.startswith("76:\t") for line in lines)


def test_19_12_edge() -> None:
    """03-74."""
    stage = Stage("states edge; attributes none")
    sender = p(1, 57)
    bar = request(1, sender, b"Bar")
    bar.state = int(State.CREATED)
    stage.trace.enter("tt_message_send", bar)
    stage.trace.change(*become(bar, State.SENT))
    stage.trace.leave()
    stage.trace.pattern(wanted(b"<P2>", Category.HANDLE, b"Bar"), 0, 0, "Tt_class")
    stage.trace.change(*become(bar, State.FAILED, status=1053))
    stage.trace.delivery(sender)
    assert_sample("03-19.12-2", stage.text())
