"""What each procedure does: a row per number, from decoded arguments to calls of the core.

Arguments and results are decoded and encoded by the rows of ``wire.procedures``; who may call was
decided before (``server.access``). Spec 01 section 10.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tooltalk.core.client import Client
from tooltalk.core.original import QueueInfo
from tooltalk.core.otypes import OtypeQueries
from tooltalk.core.session import Session
from tooltalk.model.holdings import Holding, Holdings
from tooltalk.names import CURRENT_VERSION
from tooltalk.native import mypyc_attr
from tooltalk.server.channels import Channels, closing
from tooltalk.server.connection import Connection
from tooltalk.server.delivery import Batch, fetch, send_batch
from tooltalk.server.greeting import Fetching
from tooltalk.status import Status
from tooltalk.types.image import BadTypes, decode
from tooltalk.wire import results, rpc
from tooltalk.wire.calls import OtypeArgs, PropArgs, PtypeArgs, UpdateArgs
from tooltalk.wire.credentials import NO_AUTH, Auth
from tooltalk.wire.procedures import Proc, Procedure
from tooltalk.wire.push import EXTENSION, AttachResult
from tooltalk.wire.record import LONG_PART

BATCH: Final = 32
"""Most messages in one answer of NEXT_MESSAGE: their reader does nothing else until it has them all."""


@mypyc_attr(free_list_len=1)
class Question:
    """One call being executed: where its answer goes. record: the call. version: RPC version of the caller.

    verifier: what the answer is to carry. size: bytes of its arguments.
    """

    __slots__ = ("args", "connection", "record", "row", "size", "verifier", "version")

    def __init__(
        self,
        connection: Connection,
        record: bytes,
        row: Procedure,
        version: int,
        verifier: Auth,
        args: Any,
        size: int,
    ) -> None:
        self.connection = connection
        self.record = record
        self.row = row
        self.version = version
        self.verifier = verifier
        self.args = args
        self.size = size

    @property
    def trusted(self) -> bool:
        """Whether the caller is the user that the session belongs to."""
        return not self.connection.peer.stranger

    def answer(self, result: Any) -> None:
        """Send the result; a one-way procedure answers nothing."""
        if self.row.one_way:
            return
        encoded = self.row.encode_result(result, self.version)
        if self.verifier is NO_AUTH and len(encoded) < LONG_PART:
            self.connection.send_marked(rpc.marked_success(self.record, encoded))
        else:
            self.connection.send_parts([rpc.success_header_to(self.record, self.verifier), encoded])


class Desk:
    """What the procedures work on. connections: says how many there are."""

    __slots__ = ("channels", "connections", "session")

    def __init__(
        self, session: Session, channels: Channels, connections: Callable[[], list[Holding]]
    ) -> None:
        self.session = session
        self.channels = channels
        self.connections = connections


Handler = Callable[[Desk, Question], None]


def _answering(result: Callable[[Session, Question], Any]) -> Handler:
    """A procedure whose result is at hand."""

    def handle(desk: Desk, question: Question) -> None:
        question.answer(result(desk.session, question))

    return handle


def _for_client(do: Callable[[Session, Client, Any], Status]) -> Handler:
    """A procedure of a procid, whose arguments begin with it; its result is a status."""

    def handle(desk: Desk, question: Question) -> None:
        client = _client(desk.session, question, question.args.procid)
        if client is None:
            question.answer(_refusal(desk.session, question, question.args.procid))
        else:
            question.answer(do(desk.session, client, question.args))

    return handle


def _add_pattern(desk: Desk, question: Question) -> None:
    client = _client(desk.session, question, question.args.procid)
    if client is None:
        question.answer(_refusal(desk.session, question, question.args.procid))
    else:
        question.answer(desk.session.add_pattern(client, question.args.pattern, question.size))


def _for_caller(do: Callable[[Session, Client], Status]) -> Handler:
    """The same where the procid is the only argument."""

    def handle(desk: Desk, question: Question) -> None:
        client = _client(desk.session, question, question.args)
        if client is None:
            question.answer(_refusal(desk.session, question, question.args))
        else:
            question.answer(do(desk.session, client))

    return handle


def _client(session: Session, question: Question, procid: Any) -> Client | None:
    if question.row.creates:
        return session.client(procid, question.version)
    return session.find(procid)


def _refusal(session: Session, question: Question, procid: Any) -> Status:
    """The answer where ``_client`` found none."""
    return session.refusal(procid) if question.row.creates else Status.ERR_PROCID


def _close(desk: Desk, question: Question) -> None:
    client = desk.session.find(question.args)
    if client is None:
        question.answer(Status.ERR_PROCID)
        return
    closing(client, question.connection)
    desk.session.close(client)
    question.answer(Status.OK)


def _set_channel(desk: Desk, question: Question) -> None:
    args = question.args
    client = desk.session.client(args.procid, question.version)
    if client is None:
        question.answer(desk.session.refusal(args.procid))
    else:
        desk.channels.open(client, args.port, args.start_token, question.connection, question.answer)


def _refused_by_tcp(question: Question) -> bool:
    """By TCP our extensions are not offered, and whoever asks goes on without (doc/push.md)."""
    if question.connection.peer.unix_uid is not None:
        return False
    question.connection.send(rpc.proc_unavail(rpc.xid_of(question.record), question.verifier))
    return True


def _holdings(desk: Desk, question: Question) -> None:
    if not _refused_by_tcp(question):
        session, procids = desk.session.holdings()
        question.answer(Holdings(session + desk.connections(), procids))


def _attach(desk: Desk, question: Question) -> None:
    connection, args = question.connection, question.args
    if _refused_by_tcp(question):
        return
    version = min(args.extension, EXTENSION)
    if version < 1:
        question.answer(AttachResult(Status.ERR_UNIMP))
        return
    client = desk.session.client(args.procid, question.version)
    if client is None:
        question.answer(AttachResult(desk.session.refusal(args.procid), version))
        return
    desk.channels.attach(
        client,
        args.start_token,
        connection,
        rpc.parse_call(question.record),
        lambda status: question.answer(AttachResult(status, version)),
    )


# Messages


def _dispatch(desk: Desk, question: Question) -> None:
    def reply(status: Status, info: QueueInfo | None) -> None:
        queue = None if info is None else results.QueueInfo(info.message_id, info.sender, info.ptypes)
        question.answer(results.DispatchReply(status, queue))

    desk.session.dispatch(question.args, question.version, question.size, reply, question.trusted)


def _dispatch_one_way(desk: Desk, question: Question) -> None:
    desk.session.dispatch(question.args, question.version, question.size, trusted=question.trusted)


def _hdispatch(desk: Desk, question: Question) -> None:
    desk.session.hdispatch(question.args, question.version, question.size, question.trusted)


def _update(desk: Desk, question: Question) -> None:
    args: UpdateArgs = question.args
    desk.session.update(args.state, args.message, question.answer)


def _hupdate(desk: Desk, question: Question) -> None:
    args: UpdateArgs = question.args
    desk.session.hupdate(args.state, args.message)


def _update_one_way(desk: Desk, question: Question) -> None:
    args: UpdateArgs = question.args
    desk.session.update(args.state, args.message)


def _next_message(desk: Desk, question: Question) -> None:
    client, connection = desk.session.find(question.args), question.connection
    batch = next_messages(desk.session, client, question.version)
    send_batch(connection, question.record, question.verifier, batch)
    if client is not None and connection.greeting is not None:
        connection.fetching = Fetching(question.record, question.version, client)


def next_messages(session: Session, client: Client | None, version: int) -> Batch:
    """What NEXT_MESSAGE gives: several messages at once, the newest first.

    The C server gives one at a time, but its clients know to take more: they begin at the end of the list.
    What they have not handed out keeps their descriptor readable: the signal byte is read with the last
    message only. A message that wants an answer ends the batch: a client abstains from an offer it has
    handed out when it is asked for the next message (spec 01 section 10.4, spec 05 section 9.1). Seen of
    clients of the current version; older ones get one message at a time.
    """
    return fetch(session, client, version, BATCH if version == CURRENT_VERSION else 1, True)


# Properties and otypes


def _set_property(session: Session, question: Question) -> Status:
    return session.properties.set(question.args.name, question.args.value, question.connection.peer.name)


def _add_property(session: Session, question: Question) -> Status:
    return session.properties.add(question.args.name, question.args.value, question.connection.peer.name)


def _get_property(session: Session, args: PropArgs) -> results.RpcResult:
    return results.RpcResult(*session.properties.get(args.name, args.number))


def _count_values(session: Session, args: PropArgs) -> results.RpcResult:
    status, number = session.properties.count(args.name)
    return results.RpcResult(status, b"", number)


def _property_name(session: Session, args: PropArgs) -> results.RpcResult:
    return results.RpcResult(*session.properties.name(args.number))


def _count_properties(session: Session, _args: PropArgs) -> results.RpcResult:
    return results.RpcResult(Status.OK, b"", session.properties.names_count())


def _property(do: Callable[[Session, PropArgs], Any]) -> Handler:
    return _answering(lambda session, question: do(session, question.args))


def _otype(ask: Callable[[OtypeQueries, OtypeArgs], tuple[int, bytes | None, int]]) -> Handler:
    return _answering(lambda session, question: results.RpcResult(*ask(session.otypes, question.args)))


def _signature_rows(handles: bool) -> list[Handler]:
    """The five questions about observe, or handle, signatures in the order of their numbers."""
    return [
        _otype(lambda otypes, a: otypes.signature_count(a.base, handles)),
        _otype(lambda otypes, a: otypes.op(a.base, handles, a.number)),
        _otype(lambda otypes, a: otypes.args_count(a.base, handles, a.number)),
        _otype(lambda otypes, a: otypes.arg_mode(a.base, handles, a.number, a.number2)),
        _otype(lambda otypes, a: otypes.arg_type(a.base, handles, a.number, a.number2)),
    ]


def _load_types(session: Session, question: Question) -> Status:
    try:
        types = decode(question.args or b"")
    except BadTypes as fault:
        return fault.status
    session.load_types(types)
    return Status.OK


def _exists(session: Session, _client: Client, args: PtypeArgs) -> Status:
    return session.exists(args.ptid)


HANDLERS: Final[dict[int, Handler]] = {
    Proc.NULLPROC: _answering(lambda session, question: None),
    Proc.DISPATCH: _dispatch,
    Proc.UPDATE_MSG: _update,
    Proc.JOIN_FILE: _for_client(lambda s, client, a: s.join_file(client, a.path)),
    Proc.QUIT_FILE: _for_client(lambda s, client, a: s.quit_file(client, a.path)),
    Proc.JOIN_SESSION: _for_caller(Session.join_session),
    Proc.QUIT_SESSION: _for_caller(Session.quit_session),
    Proc.NEXT_MESSAGE: _next_message,
    Proc.ADD_PATTERN: _add_pattern,
    Proc.DEL_PATTERN: _for_client(lambda s, client, a: s.delete_pattern(client, a.pattern_id)),
    Proc.DECLARE_PTYPE: _for_client(lambda s, client, a: s.declare(client, a.ptid)),
    Proc.SET_FD_CHANNEL: _set_channel,
    Proc.SET_PROP: _answering(_set_property),
    Proc.ADD_PROP: _answering(_add_property),
    Proc.GET_PROP: _property(_get_property),
    Proc.PROP_COUNT: _property(_count_values),
    Proc.PROP_NAME: _property(_property_name),
    Proc.PROP_NAMES_COUNT: _property(_count_properties),
    Proc.ALLOC_PROCID_KEY: _answering(lambda session, question: session.alloc_key()),
    Proc.CLOSE_PROCID: _close,
    Proc.OTYPE_DERIVEDS_COUNT: _otype(lambda otypes, a: otypes.deriveds_count(a.base)),
    Proc.OTYPE_DERIVED: _otype(lambda otypes, a: otypes.derived(a.base, a.number)),
    Proc.OTYPE_BASE: _otype(lambda otypes, a: otypes.base(a.derived)),
    Proc.OTYPE_IS_DERIVED: _otype(lambda otypes, a: otypes.is_derived(a.derived, a.base)),
    # From here to 33 even numbers ask about observe signatures and odd ones about handle signatures.
    **dict(zip(range(Proc.OTYPE_OSIG_COUNT, Proc.HDISPATCH, 2), _signature_rows(False), strict=True)),
    **dict(zip(range(Proc.OTYPE_HSIG_COUNT, Proc.HDISPATCH, 2), _signature_rows(True), strict=True)),
    Proc.HDISPATCH: _hdispatch,
    Proc.HUPDATE_MSG: _hupdate,
    Proc.DISPATCH_2: _dispatch_one_way,
    Proc.UPDATE_MSG_2: _update_one_way,
    Proc.DISPATCH_ON_EXIT: _answering(
        lambda session, question: results.DispatchReply(
            session.dispatch_on_exit(question.args, question.size, question.trusted)
        )
    ),
    Proc.UNDECLARE_PTYPE: _for_client(lambda s, client, a: s.undeclare(client, a.ptid)),
    Proc.EXISTS_PTYPE: _for_client(_exists),
    Proc.UNBLOCK_PTYPE: _for_client(lambda s, client, a: s.unblock(client, a.ptid)),
    Proc.JOIN_CONTEXT: _for_client(lambda s, client, a: s.join_context(client, a.context)),
    Proc.QUIT_CONTEXT: _for_client(lambda s, client, a: s.quit_context(client, a.context)),
    Proc.DISPATCH_WITH_CONTEXT: _dispatch,
    Proc.DISPATCH_2_WITH_CONTEXT: _dispatch_one_way,
    Proc.ADD_PATTERN_WITH_CONTEXT: _add_pattern,
    Proc.LOAD_TYPES: _answering(_load_types),
    Proc.VRFY_SESSION: _answering(lambda session, question: session.verify(question.version)),
    Proc.ATTACH: _attach,
    Proc.HOLDINGS: _holdings,
}
"""How each procedure of ``wire.procedures.PROCEDURES`` is executed, by number."""
