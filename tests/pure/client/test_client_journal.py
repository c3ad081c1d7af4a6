"""What a client asks for again in a session that was lost, and what it gives up."""

from __future__ import annotations

from tests.pure.client.library import ADDRESS, LOCAL, Scripted

from tooltalk.model.enums import Category, Class, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.names import SessionAddress
from tooltalk.status import Status
from tooltalk.wire.procedures import Proc
from tooltalk.wire.results import DispatchReply
from ttclient import joining, registering, sending
from ttclient.endpoint import SessionState
from ttclient.rejoining import Rejoining
from ttclient.store import identity
from ttclient.values import context_arg, stored

ELSEWHERE = "01 16 1342177280 1 3 0 127.0.0.1 4"


def moved(library: Scripted) -> list[object]:
    """Have the library's procid be another one in another session; what is given up."""
    state = SessionState(b"P " + ELSEWHERE.encode(), SessionAddress.parse(ELSEWHERE))
    procid = ProcId(b"9.t " + ELSEWHERE.encode(), 60, LOCAL)
    return list(Rejoining(library.endpoint, state, procid).settle(library.store))


def replayed(library: Scripted) -> list[str]:
    library.answers = [Status.OK] * len(library.endpoint.journal)
    before = len(library.calls)
    library.run(library.endpoint.journal.replay())
    return [call.procedure.name for call in library.calls[before:]]


def test_in_an_order_that_comes_to_the_same() -> None:
    """Of joins and quits only the last counts, and what was taken back is not asked for."""
    library = Scripted(*[Status.OK] * 20)
    first, second, third = (library.pattern(Category.OBSERVE, Scope.SESSION, op) for op in "abc")
    endpoint = library.endpoint
    library.run(registering.register(first, endpoint))
    library.run(joining.join_session(endpoint))
    library.run(registering.register(second, endpoint))
    library.run(joining.quit_session(endpoint))
    library.run(joining.declare_ptype(endpoint, b"P"))
    library.run(joining.declare_ptype(endpoint, b"Q"))
    library.run(joining.undeclare_ptype(endpoint, b"P"))
    library.run(registering.register(third, endpoint))
    library.run(registering.unregister(first, endpoint))
    assert replayed(library) == ["ADD_PATTERN", "QUIT_SESSION", "DECLARE_PTYPE", "ADD_PATTERN"]


def test_contexts_are_told_apart_by_slot_and_value() -> None:
    library = Scripted(*[Status.OK] * 20)
    for slot, value in ((b"$a", "1"), (b"$a", "2"), (b"$b", "1"), (b"$a", 1), (b"$a", "1")):
        library.run(joining.join_context(library.endpoint, slot, context_arg(stored(value, "test"))))
    assert len(library.endpoint.journal) == 4


def test_patterns_go_out_as_they_were_registered_and_name_the_new_session() -> None:
    library = Scripted(Status.OK)
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION, "a")
    library.run(registering.register(pattern, library.endpoint))
    pattern.add_op("later")
    moved(library)
    assert replayed(library) == ["ADD_PATTERN"]
    sent = library.calls[-1].args
    assert sent.procid.id.startswith(b"9.t ")
    assert sent.pattern.ops == [b"a"]
    assert sent.pattern.sessions == [b"P " + ELSEWHERE.encode()]
    assert sent.pattern.id == pattern._fields.id


def test_a_refused_registration_is_not_repeated() -> None:
    library = Scripted(Status.ERR_PROCID)
    pattern = library.pattern(Category.OBSERVE, Scope.SESSION, "a")
    try:
        library.run(registering.register(pattern, library.endpoint))
    except Exception:
        assert not len(library.endpoint.journal)
    else:
        raise AssertionError("it was not refused")


def test_messages_not_sent_yet_move_along() -> None:
    library = Scripted()
    message = library.message(Class.NOTICE, "Hello", Scope.SESSION)
    old = identity(message._fields)
    assert moved(library) == []
    assert message._fields.sender is library.endpoint.procid
    assert message._fields.session == b"P " + ELSEWHERE.encode()
    assert library.store.find(old) is None
    assert library.store.find(identity(message._fields)) is message


def test_requests_that_wait_are_given_up() -> None:
    """FAILED with 1033, and nothing keeps them; they are never sent again."""
    library = Scripted(DispatchReply(Status.OK))
    message = library.message(Class.REQUEST, "Ask", Scope.SESSION)
    library.run(sending.send(message, library.endpoint))
    asked = len(library.calls)
    assert moved(library) == [message]
    assert (message.state, message.status) == (State.FAILED, Status.ERR_NOMP)
    assert not message._awaiting
    assert library.store.kept() == []
    assert replayed(library) == []
    assert len(library.calls) == asked
    assert library.calls[0].procedure.number == Proc.DISPATCH_2
    assert ADDRESS not in ELSEWHERE
