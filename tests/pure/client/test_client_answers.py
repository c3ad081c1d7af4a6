"""Replies, rejections, failures, votes, and what may be destroyed."""

from __future__ import annotations

import pytest
from tests.pure.client.library import Scripted

from tooltalk.model.enums import Class, Flag, Scope, State
from tooltalk.model.message import Message as Fields
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from ttclient import answering
from ttclient.attributes import MessageAttributes
from ttclient.errors import HandleError, NotHandlerError, StateError, ToolTalkError

SENDER = ProcId(b"9.t 01 x", 9, b"\x7f\0\0\1")


def arrived(library: Scripted, kind: Class, handled: bool = True) -> MessageAttributes:
    """A message of somebody else's, for us to handle or only to see."""
    fields = Fields(3, int(kind), b"Op")
    fields.sender = SENDER
    fields.handler = library.endpoint.procid if handled else None
    fields.scope = int(Scope.SESSION)
    return library.handle(fields, library.endpoint)


def started(library: Scripted, kind: Class, handled: bool) -> MessageAttributes:
    message = arrived(library, kind, handled)
    message._start = True
    message._fields.status = 5
    message._fields.flags = int(Flag.START_MESSAGE)
    return message


def test_reply_needs_a_request_and_its_handler() -> None:
    """05-33"""
    library = Scripted()
    endpoint = library.endpoint
    with pytest.raises(NotHandlerError):
        library.run(answering.reply(arrived(library, Class.REQUEST, False), endpoint))
    with pytest.raises(ToolTalkError, match="1025"):
        library.run(answering.reply(arrived(library, Class.NOTICE), endpoint))
    with pytest.raises(ToolTalkError, match="1025"):
        library.run(answering.reply(arrived(library, Class.OFFER), endpoint))
    assert library.asked == []


@pytest.mark.parametrize("answer", [answering.reply, answering.fail, answering.reject])
def test_second_answer_is_refused(answer: object) -> None:
    """05-33"""
    library = Scripted()
    message = arrived(library, Class.REQUEST)
    library.run(answer(message, library.endpoint))  # type: ignore[operator]
    if answer is answering.reject:
        assert message.state == State.REJECTED
    with pytest.raises(StateError):
        library.run(answering.reject(message, library.endpoint))
    assert library.asked == ["UPDATE_MSG_2"]


def test_reject_of_an_unsent_message() -> None:
    """05-33"""
    library = Scripted()
    with pytest.raises(StateError):
        library.run(answering.reject(library.message(Class.REQUEST, "Op"), library.endpoint))


@pytest.mark.parametrize("kind", [Class.NOTICE, Class.OFFER])
def test_fail_refuses_what_would_have_no_effect(kind: Class) -> None:
    """Ours: a notice, an offer, somebody else's request (spec 05 section 9.5)."""
    library = Scripted()
    with pytest.raises(ToolTalkError, match="1025"):
        library.run(answering.fail(arrived(library, kind), library.endpoint))
    with pytest.raises(NotHandlerError):
        library.run(answering.fail(arrived(library, Class.REQUEST, False), library.endpoint))


@pytest.mark.parametrize("kind", [Class.NOTICE, Class.REQUEST])
@pytest.mark.parametrize("answer", [answering.reply, answering.fail])
def test_start_messages_take_any_answer(kind: Class, answer: object) -> None:
    """05-34: also notices, and also from one who only observes."""
    library = Scripted()
    message = started(library, kind, handled=False)
    library.run(answer(message, library.endpoint))  # type: ignore[operator]
    sent = library.calls[0].args.message
    assert sent.handler == library.endpoint.procid
    assert sent.flags & Flag.OBSERVER
    assert message._fields.handler is None, "only the update says so"
    assert not message._fields.flags & Flag.OBSERVER


def test_observed_start_message_releases_the_ptype_of_the_token() -> None:
    """Ours: the C client names no ptype there, and what the server holds back for it is never delivered."""
    library = Scripted(0)
    library.endpoint.token = b"Tool"
    message = started(library, Class.NOTICE, handled=False)
    library.run(answering.accept(message, library.endpoint))
    library.run(answering.reply(message, library.endpoint))
    assert library.asked == ["UNBLOCK_PTYPE", "UPDATE_MSG_2"]
    assert library.calls[0].args.ptid == b"Tool"
    assert library.calls[1].args.message.handler_ptype == b"Tool"


def test_accept() -> None:
    """05-34: 42 for a start message, a vote for an offer, nothing for others."""
    library = Scripted(0, 1045)
    message = started(library, Class.REQUEST, handled=True)
    message._fields.handler_ptype = b"Worker"
    assert library.run(answering.accept(message, library.endpoint)) == Status.OK
    assert library.calls[0].args.ptid == b"Worker"
    with pytest.raises(ToolTalkError, match="1045"):
        library.run(answering.accept(message, library.endpoint))
    assert library.run(answering.accept(arrived(library, Class.REQUEST), library.endpoint)) == Status.OK
    offer = arrived(library, Class.OFFER, handled=False)
    library.run(answering.accept(offer, library.endpoint))
    assert library.asked == ["UNBLOCK_PTYPE", "UNBLOCK_PTYPE", "UPDATE_MSG_2"]
    assert offer.state == State.ACCEPTED


@pytest.mark.parametrize(
    ("vote", "voters"),
    [
        (answering.accept, "accepters"),
        (answering.reject, "rejecters"),
        (answering.abstain, "abstainers"),
    ],
)
def test_voter_is_last_of_the_list(vote: object, voters: str) -> None:
    """01 section 10.3: it is how the server knows who votes; all three lists go along."""
    library = Scripted()
    offer = arrived(library, Class.OFFER, handled=False)
    offer._fields.accepters = [SENDER]
    library.endpoint.unvoted = offer
    library.run(vote(offer, library.endpoint))  # type: ignore[operator]
    sent = library.calls[0].args.message
    lists = {name: getattr(sent, name) for name in ("accepters", "rejecters", "abstainers")}
    assert lists.pop(voters)[-1] == library.endpoint.procid
    assert all(library.endpoint.procid not in procids for procids in lists.values())
    assert library.endpoint.unvoted is None


def test_version_1_updates_are_awaited() -> None:
    """01-38"""
    library = Scripted(0, address="01 15 1342177279 1 3 0 127.0.0.1 1")
    library.run(answering.reply(arrived(library, Class.REQUEST), library.endpoint))
    assert library.asked == ["UPDATE_MSG"]


@pytest.mark.parametrize(
    ("kind", "state", "goes"),
    [
        (Class.REQUEST, State.CREATED, False),
        (Class.REQUEST, State.SENT, False),
        (Class.REQUEST, State.QUEUED, False),
        (Class.REQUEST, State.REJECTED, True),
        (Class.REQUEST, State.HANDLED, True),
        (Class.REQUEST, State.FAILED, True),
        (Class.NOTICE, State.CREATED, True),
        (Class.NOTICE, State.SENT, True),
        (Class.OFFER, State.CREATED, False),
        (Class.OFFER, State.ACCEPTED, True),
        (Class.OFFER, State.RETURNED, True),
    ],
)
def test_what_may_be_destroyed(kind: Class, state: State, goes: bool) -> None:
    """05-35: a message that is still needed stays, and nothing is sent for it."""
    library = Scripted()
    message = arrived(library, kind)
    message._fields.state = int(state)
    assert library.run(answering.destroy(message, library.endpoint)) == goes
    assert library.asked == []
    if goes:
        with pytest.raises(HandleError):
            message.op  # noqa: B018
    else:
        assert message.op == "Op"


def test_awaiting_messages_stay_until_answered() -> None:
    """05-35"""
    library = Scripted()
    message = arrived(library, Class.NOTICE)
    message._awaiting = True
    assert not library.run(answering.destroy(message, library.endpoint))
    message._awaiting = False
    assert library.run(answering.destroy(message, library.endpoint))


def test_destroying_an_offer_abstains() -> None:
    library = Scripted()
    offer = arrived(library, Class.OFFER, handled=False)
    library.endpoint.unvoted = offer
    assert library.run(answering.destroy(offer, library.endpoint))
    assert library.asked == ["UPDATE_MSG_2"]
    assert library.calls[0].args.state == State.ABSTAINED
