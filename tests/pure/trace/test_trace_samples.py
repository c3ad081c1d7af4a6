"""The C server's text, byte for byte: the samples of spec 07 section 13 (07-23, 07-1)."""

from __future__ import annotations

from typing import Any

from tests.pure.trace.trace_stage import Stage, arg, assert_sample, become, known, message, null, pattern

from tooltalk.model.arg import Arg, Context, PatternContext
from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.model.message import Message
from tooltalk.model.pattern import Pattern
from tooltalk.model.procid import ProcId
from tooltalk.model.signature import Signature

S = b"S"
SENDER = known(b"2.x S", 18044)
MAKER = known(b"1.x S", 18521)
OBSERVER = known(b"1.x S", 18098)
HANDLER = known(b"3.x S", 18109)
TREDIT = known(b"2.x S", 18563)

SIGNATURE_ARGS = (arg(Mode.IN, b"string", name=b"a"), arg(Mode.OUT, b"string", name=b"b"))


def unknown(procid: ProcId) -> ProcId:
    return ProcId(procid.id, procid.pid)


def sent(stage: Stage, msg: Message, word: str = "tt_message_send") -> None:
    """The entry and the first state change; the sender's host is known from then on."""
    sender = msg.sender
    assert sender is not None
    msg.sender = unknown(sender)
    stage.trace.enter(word, msg)
    msg.sender = sender
    stage.trace.change(*become(msg, State.SENT))
    stage.trace.leave()


def inside(stage: Stage) -> Stage:
    """What follows stands in an operation that is not part of the sample."""
    stage.trace.enter("tt_message_send", None)
    stage.text()
    return stage


def note_a(number: int, tt_class: Class) -> Message:
    return message(number, SENDER, b"Note_A", tt_class, arg(Mode.IN, b"string", b"v1"))


def observe_note_a(id: bytes = b"0:1.x S") -> Pattern:
    return pattern(id, Category.OBSERVE, [b"Note_A"], arg(Mode.IN, b"string"), classes=1 << Class.NOTICE)


def test_1_a_notice_that_nobody_listens_to() -> None:
    stage = Stage()
    session = b"01 18040 1342177294 1 1 0 127.0.0.1 4"
    sender = known(b"2.1h0DuZ " + session, 18044)
    sent(stage, message(0, sender, b"Note_Z", Class.NOTICE, session=session))
    stage.trace.leave()
    assert_sample("07-01", stage.text())


def test_2_a_notice_with_an_observer() -> None:
    stage = Stage()
    sent(stage, note_a(1, Class.NOTICE))
    stage.trace.pattern(observe_note_a(), 0, 7, "")
    stage.trace.delivery(OBSERVER)
    stage.trace.leave()
    assert_sample("07-02", stage.text())


def test_3_a_pattern_that_does_not_fit() -> None:
    stage = inside(Stage())
    note_b = pattern(b"1:1.x S", Category.OBSERVE, [b"Note_B"], arg(Mode.IN, b"string", b"xyz"))
    stage.trace.pattern(note_b, 0, 0, "args")
    assert_sample("07-03", stage.text())


def test_4_a_request_without_handler() -> None:
    stage = inside(Stage())
    request = note_a(3, Class.REQUEST)
    request.state = int(State.SENT)
    stage.trace.pattern(observe_note_a(), 0, 0, "Tt_class")
    stage.trace.change(*become(request, State.FAILED, status=1053))
    stage.trace.delivery(SENDER)
    assert_sample("07-04", stage.text())


def test_5_a_request_that_is_handled() -> None:
    stage = inside(Stage())
    request = message(
        4, SENDER, b"Req_A", Class.REQUEST, arg(Mode.IN, b"string", b"q"), arg(Mode.OUT, b"string", b"answer")
    )
    request.state = int(State.SENT)
    stage.trace.pattern(pattern(b"0:3.x S", Category.HANDLE, [b"Req_A"]), 0, 3, "")
    stage.trace.delivery(HANDLER)
    stage.trace.leave()
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(request, State.HANDLED, pattern_id=b"0:3.x S", handler=HANDLER))
    stage.trace.delivery(SENDER)
    stage.trace.leave()
    stage.trace.leave()
    assert_sample("07-05", stage.text())


def held_by(handler: ProcId, number: int, op: bytes, pattern_id: bytes) -> Message:
    return message(
        number,
        SENDER,
        op,
        Class.REQUEST,
        arg(Mode.IN, b"string", b"q"),
        null(Mode.OUT, b"string"),
        state=int(State.SENT),
        pattern_id=pattern_id,
        handler=handler,
    )


def test_6_a_rejected_request_fails_one_level_deeper() -> None:
    stage = Stage()
    request = held_by(HANDLER, 5, b"Req_Rej", b"1:3.x S")
    stage.trace.enter("tt_message_reject", request)
    stage.trace.change(*become(request, State.REJECTED))
    become(request, State.SENT)
    stage.trace.change(*become(request, State.FAILED, status=1053, handler=None))
    stage.trace.delivery(SENDER)
    for _ in range(3):
        stage.trace.leave()
    assert_sample("07-06", stage.text())


def test_7_a_failed_request_with_status_string() -> None:
    stage = Stage()
    request = held_by(HANDLER, 6, b"Req_Fail", b"2:3.x S")
    stage.trace.enter("tt_message_fail", None)
    stage.trace.change(*become(request, State.FAILED, status=1102, status_string=b"no such thing"))
    stage.trace.delivery(SENDER)
    assert_sample("07-07", stage.text())


def tredit(op: bytes, category: Category = Category.HANDLE, *args: Arg, **fields: Any) -> Signature:
    return Signature(op, category, scope=Scope.SESSION, args=args, ptid=b"TrEdit", **fields)


def do_start(number: int, value: bytes, out: Arg) -> Message:
    return message(
        number,
        MAKER,
        b"Do_Start",
        Class.REQUEST,
        arg(Mode.IN, b"string", value),
        out,
        state=int(State.SENT),
    )


def test_8_a_request_that_starts_a_ptype() -> None:
    stage = inside(Stage())
    request = do_start(0, b"q", null(Mode.OUT, b"string"))
    signature = tredit(b"Do_Start", Category.HANDLE, *SIGNATURE_ARGS, disposition=Disposition.START, opnum=3)
    stage.trace.signature(signature, 7, "")
    started = {"disposition": int(Disposition.START), "opnum": 3, "handler_ptype": b"TrEdit"}
    stage.trace.change(*become(request, State.STARTED, **started))
    stage.trace.delivery(MAKER)
    stage.trace.launch(b"tredit -start")
    stage.trace.leave()
    stage.trace.leave()
    stage.trace.delivery(TREDIT)
    stage.trace.enter("tt_message_reply", None)
    request.args = (request.args[0], arg(Mode.OUT, b"string", b"done"))
    stage.trace.change(*become(request, State.HANDLED, handler=TREDIT))
    stage.trace.delivery(MAKER)
    assert_sample("07-08", stage.text())


def test_8a_a_held_request_is_released_to_a_static_pattern() -> None:
    stage = Stage()
    maker = known(b"1.x S", 15341)
    request = do_start(1, b"2", null(Mode.OUT, b"string"))
    request.sender = maker
    request.disposition = int(Disposition.START)
    request.opnum = 3
    request.handler_ptype = b"TrEdit"
    static = pattern(
        b"2:S",
        Category.HANDLE,
        [b"Do_Start"],
        *SIGNATURE_ARGS,
        classes=1 << Class.UNDEFINED,
        addresses=1 << Address.PROCEDURE,
        dispositions=1 << Disposition.START,
        opnums=[3],
        handler_ptypes=[b"TrEdit"],
    )
    stage.trace.enter("tt_message_accept", request)
    stage.trace.pattern(static, 0, 13, "")
    stage.trace.delivery(known(b"2.x S", 15420))
    assert_sample("07-08a", stage.text())


def test_9_a_start_command_that_fails() -> None:
    stage = inside(Stage())
    request = message(
        1,
        MAKER,
        b"Do_Bad",
        Class.REQUEST,
        arg(Mode.IN, b"string", b"q"),
        state=int(State.STARTED),
        disposition=int(Disposition.START),
        opnum=1,
        handler_ptype=b"TrBad",
    )
    stage.trace.change(int(State.SENT), int(State.STARTED), request)
    stage.text()
    stage.trace.launch(b"exit 3")
    stage.trace.leave()
    stage.trace.leave()
    stage.trace.enter("TT_ERR_PTYPE_START", None)
    stage.trace.change(*become(request, State.FAILED, status=1056))
    stage.trace.delivery(MAKER)
    assert_sample("07-09", stage.text())


def test_10_a_request_is_queued() -> None:
    stage = inside(Stage())
    args = (arg(Mode.IN, b"string", name=b"a"),)
    signature = tredit(b"Do_Queue", Category.HANDLE, *args, disposition=Disposition.QUEUE, opnum=4)
    request = message(
        2, MAKER, b"Do_Queue", Class.REQUEST, arg(Mode.IN, b"string", b"q"), state=int(State.SENT)
    )
    stage.trace.signature(signature, 4, "")
    queued = {"disposition": int(Disposition.QUEUE), "opnum": 4, "handler_ptype": b"TrEdit"}
    stage.trace.change(*become(request, State.QUEUED, **queued))
    stage.trace.delivery(MAKER)
    assert_sample("07-10-1", stage.text())


def test_10_a_promised_notice_is_queued() -> None:
    stage = inside(Stage())
    args = (arg(Mode.IN, b"string", name=b"a"),)
    signature = tredit(b"Watch_It", Category.OBSERVE, *args, disposition=Disposition.QUEUE, opnum=7)
    notice = message(
        3,
        MAKER,
        b"Watch_It",
        Class.NOTICE,
        arg(Mode.IN, b"string", b"w"),
        state=int(State.SENT),
        disposition=int(Disposition.QUEUE),
        opnum=7,
    )
    stage.trace.signature(signature, 4, "")
    stage.trace.change(int(State.SENT), int(State.SENT), notice)
    notice.status = 1053
    stage.trace.change(int(State.QUEUED), int(State.SENT), notice)
    assert_sample("07-10-2", stage.text())


def test_11_a_queued_request_is_retried() -> None:
    stage = Stage()
    static = pattern(
        b"12:S",
        Category.HANDLE,
        [b"Do_Queue"],
        arg(Mode.IN, b"string", name=b"a"),
        session=b"",
        classes=1 << Class.UNDEFINED,
        addresses=1 << Address.PROCEDURE,
        opnums=[4],
        handler_ptypes=[b"TrEdit"],
    )
    request = message(
        2,
        MAKER,
        b"Do_Queue",
        Class.REQUEST,
        arg(Mode.IN, b"string", b"q"),
        state=int(State.SENT),
        disposition=int(Disposition.QUEUE),
        opnum=4,
        handler_ptype=b"TrEdit",
    )
    stage.trace.enter("tt_session_join", request)
    stage.trace.pattern(static, 0, 0, "pattern not joined to tt_message_session()")
    stage.trace.change(*become(request, State.FAILED, status=1053))
    stage.trace.delivery(MAKER)
    stage.trace.leave()
    stage.trace.leave()
    become(request, State.SENT)
    static.sessions = [S]
    stage.trace.enter("tt_session_join", request)
    stage.trace.pattern(static, 0, 10, "")
    stage.trace.delivery(known(b"3.x S", 18645))
    assert_sample("07-11", stage.text())


def vote(stage: Stage, word: str, offer: Message, state: State, pattern_id: bytes) -> None:
    offer.pattern_id = pattern_id
    stage.trace.enter(word, offer)
    stage.trace.change(*become(offer, state))


def test_12_an_offer_and_its_votes() -> None:
    stage = Stage()
    accepter, rejecter, abstainer = (known(b"%d.x S" % n, 18642 + n) for n in (4, 5, 6))
    offer = message(6, MAKER, b"Off_A", Class.OFFER, state=int(State.SENT))
    offer.abstainers = [unknown(abstainer)]
    vote(stage, "tt_message_destroy", offer, State.ABSTAINED, b"0:6.x S")
    stage.trace.leave()
    stage.trace.leave()
    become(offer, State.SENT)
    offer.abstainers, offer.accepters = None, [unknown(accepter)]
    vote(stage, "tt_message_accept", offer, State.ACCEPTED, b"0:4.x S")
    stage.trace.leave()
    stage.trace.leave()
    become(offer, State.SENT)
    offer.accepters, offer.rejecters = None, [unknown(rejecter)]
    vote(stage, "tt_message_reject", offer, State.REJECTED, b"0:5.x S")
    become(offer, State.SENT)
    offer.accepters, offer.rejecters, offer.abstainers = [accepter], [rejecter], [abstainer]
    stage.trace.change(*become(offer, State.RETURNED, pattern_id=None))
    for observer in (abstainer, rejecter, accepter):
        wanted = pattern(b"0:" + observer.id, Category.OBSERVE, [b"Off_A"], classes=1 << Class.OFFER)
        stage.trace.pattern(wanted, 0, 4, "")
        stage.trace.delivery(observer)
    stage.trace.delivery(MAKER)
    assert_sample("07-12", stage.text())


def test_13_a_request_addressed_to_a_handler() -> None:
    stage = inside(Stage())
    request = message(
        3,
        known(b"1.x S", 20732),
        b"To_Me",
        Class.REQUEST,
        address=int(Address.HANDLER),
        handler=ProcId(b"2.x S"),
    )
    stage.trace.change(*become(request, State.SENT))
    stage.trace.leave()
    stage.trace.pattern(pattern(b"3:2.x S", Category.HANDLE, [b"To_Me"]), 0, 4, "")
    stage.trace.pattern(pattern(b"1:2.x S", Category.OBSERVE, [b"Bin_Note"]), 0, 0, "op")
    stage.trace.delivery(known(b"2.x S", 20776))
    assert_sample("07-13", stage.text())


def test_14_the_handler_dies() -> None:
    stage = Stage()
    dead = known(b"8.x S", 18694)
    request = message(
        7,
        MAKER,
        b"Req_Die",
        Class.REQUEST,
        arg(Mode.IN, b"string", b"x"),
        state=int(State.SENT),
        pattern_id=b"0:8.x S",
        handler=dead,
    )
    stage.trace.enter("TT_ERR_PROCID", None)
    stage.trace.change(*become(request, State.FAILED, status=1042))
    stage.trace.delivery(MAKER)
    assert_sample("07-14", stage.text())


def test_15_a_message_left_for_the_exit() -> None:
    stage = Stage()
    notice = message(0, known(b"7.x S", 18649), b"I_Died", Class.NOTICE, arg(Mode.IN, b"string", b"bye"))
    sent(stage, notice, "tt_message_send_on_exit")
    assert_sample("07-15", stage.text())


def test_16_rotating_handlers_show_when_they_last_won() -> None:
    stage = inside(Stage())
    stage.trace.pattern(pattern(b"0:A.x S", Category.HANDLE_ROTATE, [b"Req_PR"]), 0, 3, "")
    stage.trace.pattern(pattern(b"0:9.x S", Category.HANDLE_ROTATE, [b"Req_PR"]), 30, 3, "")
    stage.trace.delivery(known(b"A.x S", 18762))
    assert_sample("07-16", stage.text())


def test_17_contexts_of_a_message_are_sorted() -> None:
    """07-4, 07-7."""
    stage = Stage()
    notice = message(0, MAKER, b"Ctx_Note", Class.NOTICE)
    notice.contexts = (
        Context(b"proj", arg(Mode.INOUT, b"string", b"beta")),
        Context(b"$BIN", arg(Mode.INOUT, b"string", b"\0\1\xff")),
    )
    stage.trace.enter("tt_message_send", notice)
    lines = stage.text().splitlines(keepends=True)
    assert_sample("07-17-1", "".join(lines[4:7]))


def test_17_contexts_of_a_pattern() -> None:
    stage = inside(Stage())
    wanted = pattern(b"0:2.x S", Category.OBSERVE, [b"Ctx_Note"])
    wanted.contexts = [
        PatternContext(b"num", [arg(Mode.INOUT, b"integer", 7)]),
        PatternContext(b"proj", [arg(Mode.INOUT, b"string", b"alpha")]),
    ]
    stage.trace.pattern(wanted, 0, 3, "")
    assert_sample("07-17-2", stage.text())


def test_17_the_reason_of_a_signature_has_no_blank() -> None:
    stage = Stage()
    stage.trace.signature(tredit(b"Do_Ctx", contexts=(b"proj",), opnum=6), 0, "contexts")
    assert stage.text() == (
        "Tt_message & ptype TrEdit {\n"
        "\thandle: session Do_Ctx() context(proj) => opnum=6;\n"
        "} == 0; /* contexts*/\n"
    )


def test_18_values() -> None:
    """07-6, 07-7, 03-73."""
    stage = Stage()
    values = message(
        0,
        MAKER,
        b"Values",
        Class.NOTICE,
        arg(Mode.IN, b"bytes", b"ab\0\1\x7f\xffz\n\tq"),
        arg(Mode.IN, b"int", -42),
        arg(Mode.IN, b"string", b""),
        null(Mode.IN, b"string"),
        arg(Mode.INOUT, b"text", b"L" * 60),
        arg(Mode.IN, b"text", "é€ é€ é€ é€ é€ é€ é€ é€ é€".encode()),
        arg(Mode.IN, b"bytes", bytes(60)),
        arg(Mode.IN, b"string", b"line one\nline two\n"),
        arg(Mode.IN, b"string", b'quo"te\\d'),
        arg(Mode.IN, b"e40", b"x" * 40),
        arg(Mode.IN, b"e41", b"x" * 41),
    )
    stage.trace.enter("tt_message_send", values)
    lines = stage.text().splitlines(keepends=True)
    assert_sample("07-18", "".join(lines[4:-2]))


def otype_signature(otid: bytes, opnum: int) -> Signature:
    return Signature(
        b"Frob",
        Category.HANDLE,
        scope=Scope.SESSION,
        args=(arg(Mode.IN, b"string", name=b"a"), arg(Mode.OUT, b"int", name=b"n")),
        disposition=Disposition.START,
        opnum=opnum,
        ptid=b"TrEdit",
        otid=otid,
        super_otid=b"TrObj",
    )


def test_19_a_request_to_an_object_type() -> None:
    stage = inside(Stage())
    request = message(
        6,
        known(b"1.x S", 20732),
        b"Frob",
        Class.REQUEST,
        arg(Mode.IN, b"string", b"x"),
        arg(Mode.OUT, b"int", 0),
        address=int(Address.OTYPE),
        otype=b"TrDer",
    )
    stage.trace.change(*become(request, State.SENT))
    stage.trace.leave()
    stage.trace.signature(otype_signature(b"TrObj", 11), 0, "otype")
    stage.trace.signature(otype_signature(b"TrDer", 12), 7, "")
    stage.trace.change(*become(request, State.STARTED, disposition=int(Disposition.START)))
    assert_sample("07-19", stage.text())


def test_20_file_scope() -> None:
    stage = Stage()
    path = b"host:/home/u/afile.txt"
    notice = message(
        0,
        known(b"1.x S", 27554),
        b"File_Note",
        Class.NOTICE,
        arg(Mode.IN, b"string", b"x"),
        scope=int(Scope.FILE),
        file=path,
    )
    sent(stage, notice)
    wanted = pattern(
        b"0:2.x S", Category.OBSERVE, [b"File_Note"], session=b"", scopes=1 << Scope.FILE, files=[path]
    )
    stage.trace.pattern(wanted, 0, 4, "")
    stage.trace.delivery(known(b"2.x S", 27595))
    assert_sample("07-20-1", stage.text())


def test_20_the_pattern_for_types_files() -> None:
    """07-8."""
    stage = inside(Stage())
    files = ("/usr/openwin/etc/tt", "/usr/dt/appconfig/tttypes", "/etc/tt", "/home/u/.tt")
    wanted = pattern(
        b"1:S",
        Category.OBSERVE,
        [b"Saved"],
        arg(Mode.IN, b"File"),
        classes=1 << Class.NOTICE,
        scopes=1 << Scope.BOTH,
        files=[f"host:{file}/types.xdr".encode() for file in files],
    )
    stage.trace.pattern(wanted, 0, 8, "")
    stage.trace.delivery(known(b"0.x S", 27553))
    assert_sample("07-20-2", stage.text())


def test_24_edge_in_short_form() -> None:
    """03-74."""
    stage = Stage("states edge; attributes none")
    notice = message(0, known(b"2.x S", 18044), b"Note_A", Class.NOTICE)
    sent(stage, notice)
    stage.trace.pattern(observe_note_a(), 0, 7, "")
    stage.trace.delivery(known(b"1.x S", 20964))
    stage.trace.leave()
    assert_sample("07-24-1", stage.text())


def test_24_the_beginning_and_the_end_of_tttrace() -> None:
    """03-70: the first line is the reply of the request that turned the trace on."""
    stage = Stage("version 1; states edge; attributes none")
    client, server = known(b"1.x S", 19719), known(b"0.x S", 19716)
    request = message(9, client, b"Session_Trace", Class.REQUEST, state=int(State.SENT), handler=server)
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(request, State.HANDLED))
    stage.trace.delivery(client)
    stage.trace.leave()
    stage.trace.leave()
    sent(stage, message(10, client, b"Session_Trace", Class.REQUEST))
    stage.trace.delivery(server)
    assert_sample("07-24-2", stage.text())


def test_25_session_trace() -> None:
    stage = inside(Stage())
    client, server = known(b"1.x S", 21849), known(b"0.x S", 21848)
    wanted = pattern(
        b"0:S", Category.HANDLE, [b"Session_Trace"], arg(Mode.IN, b"string"), classes=1 << Class.REQUEST
    )
    script = arg(Mode.IN, b"string", b"version 1; states dispatch")
    request = message(0, client, b"Session_Trace", Class.REQUEST, script, state=int(State.SENT))
    stage.trace.pattern(wanted, 0, 7, "")
    stage.trace.delivery(server)
    stage.trace.leave()
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(request, State.HANDLED, pattern_id=b"0:S", handler=server))
    stage.trace.delivery(client)
    assert_sample("07-25", stage.text())


def remote_request(handler: ProcId | None) -> Message:
    return message(
        0,
        ProcId(b"1.x S1", 27825),
        b"X_Req",
        Class.REQUEST,
        arg(Mode.INOUT, b"string", b"v"),
        session=b"S1",
        state=int(State.SENT),
        scope=int(Scope.FILE),
        file=b"host:/home/u/bfile.txt",
        handler=handler,
    )


def test_26_the_session_that_is_asked() -> None:
    stage = Stage()
    request = remote_request(None)
    handler = known(b"1.x S2", 27826)
    wanted = pattern(
        b"0:1.x S2",
        Category.HANDLE,
        [b"X_Req"],
        session=b"",
        scopes=1 << Scope.FILE,
        files=[b"host:/home/u/bfile.txt"],
    )
    stage.trace.enter("ttsession -> ttsession", request)
    stage.trace.change(*become(request, State.SENT))
    stage.trace.leave()
    stage.trace.pattern(wanted, 0, 4, "")
    stage.trace.delivery(handler)
    stage.trace.leave()
    stage.trace.enter("tt_message_reply", None)
    stage.trace.change(*become(request, State.HANDLED, pattern_id=b"0:1.x S2", handler=handler))
    assert_sample("07-26-1", stage.text())


def test_26_the_session_that_asks() -> None:
    stage = Stage()
    request = remote_request(None)
    stage.trace.enter("ttsession <- ttsession", request)
    stage.trace.change(*become(request, State.REJECTED))
    become(request, State.SENT)
    stage.trace.change(*become(request, State.FAILED, status=1053))
    stage.trace.delivery(known(b"1.x S1", 27825))
    assert_sample("07-26-2", stage.text())
