"""What is checked before a message goes out, and which call carries it."""

from __future__ import annotations

import pytest
from tests.pure.client.library import Scripted

from tooltalk.model.enums import Address, Class, Scope, State
from tooltalk.model.procid import ProcId
from tooltalk.status import Status
from tooltalk.wire.results import DispatchReply
from ttclient import sending
from ttclient.attributes import MessageAttributes
from ttclient.errors import FileError, NoServerError, StateError, ToolTalkError
from ttclient.protocol import LOST

OLD = "01 15 1342177279 1 3 0 127.0.0.1 3"


def refused(library: Scripted, message: MessageAttributes) -> int:
    with pytest.raises(ToolTalkError) as caught:
        library.run(sending.send(message, library.endpoint))
    assert library.asked == [], "nothing is sent"
    assert message.state == State.CREATED
    return int(caught.value.status)


def test_checks_in_their_order() -> None:
    """05-24: each message lacks one thing more than the next."""
    library = Scripted()
    message = library.message()
    assert refused(library, message) == Status.ERR_CLASS
    message.message_class = Class.REQUEST
    assert refused(library, message) == Status.ERR_ADDRESS
    message.address = Address.HANDLER
    assert refused(library, message) == Status.ERR_PROCID
    message._fields.handler = ProcId(b"x")
    assert refused(library, message) == Status.ERR_SCOPE
    message.address = Address.PROCEDURE
    assert refused(library, message) == Status.ERR_SCOPE
    message.address = Address.OBJECT
    assert refused(library, message) == Status.ERR_OBJID
    message.object = "o"
    assert refused(library, message) == Status.ERR_OBJID, "its otype would be in a database"
    message.address = Address.OTYPE
    assert refused(library, message) == Status.ERR_OTYPE
    message.message_class, message.address, message.scope = Class.OFFER, Address.HANDLER, Scope.SESSION
    assert refused(library, message) == Status.ERR_ADDRESS
    message.address = Address.PROCEDURE
    library.run(sending.send(message, library.endpoint))
    with pytest.raises(StateError):
        library.run(sending.send(message, library.endpoint))


@pytest.mark.parametrize("scope", [Scope.FILE, Scope.BOTH])
def test_files_need_a_database(scope: Scope) -> None:
    """05-25: 1028, and the message can be sent again when something has changed."""
    library = Scripted(DispatchReply(0))
    message = library.message(Class.NOTICE, "Saved", scope)
    message._fields.file = b"vm:/a"
    with pytest.raises(FileError) as caught:
        library.run(sending.send(message, library.endpoint))
    assert caught.value.status == Status.ERR_FILE
    assert message.state == State.CREATED
    message._fields.file = None
    assert library.run(sending.send(message, library.endpoint)) == Status.OK


def test_offers_need_version_4() -> None:
    """01-38"""
    library = Scripted(address=OLD)
    assert refused(library, library.message(Class.OFFER, "Op", Scope.SESSION)) == Status.ERR_UNIMP


@pytest.mark.parametrize(
    ("version", "scope", "context", "state", "name"),
    [
        (4, Scope.SESSION, False, State.CREATED, "DISPATCH_2"),
        (4, Scope.FILE_IN_SESSION, True, State.CREATED, "DISPATCH_2_WITH_CONTEXT"),
        (2, Scope.SESSION, True, State.CREATED, "DISPATCH_2_WITH_CONTEXT"),
        (4, Scope.FILE, False, State.CREATED, "DISPATCH"),
        (4, Scope.BOTH, True, State.CREATED, "DISPATCH_WITH_CONTEXT"),
        (4, Scope.FILE, False, State.QUEUED, "DISPATCH_2"),
        (1, Scope.SESSION, False, State.CREATED, "DISPATCH"),
        (1, Scope.SESSION, True, State.CREATED, "DISPATCH_WITH_CONTEXT"),
        (1, Scope.FILE, False, State.QUEUED, "DISPATCH"),
    ],
)
def test_which_procedure(version: int, scope: Scope, context: bool, state: State, name: str) -> None:
    """01-38, 05-22, 05-23"""
    library = Scripted(DispatchReply(0), address=f"01 15 1342177279 1 3 0 127.0.0.1 {version}")
    message = library.message(Class.NOTICE, "Op", scope)
    message._fields.state = int(state)
    if context:
        message.contexts["c"] = "v"
    library.run(sending.send(message, library.endpoint))
    assert library.asked == [name]
    assert message.state == State.SENT


@pytest.mark.parametrize("kind", [Class.NOTICE, Class.REQUEST, Class.OFFER])
def test_requests_and_offers_await_an_answer(kind: Class) -> None:
    library = Scripted()
    message = library.message(kind, "Op", Scope.SESSION)
    library.run(sending.send(message, library.endpoint))
    assert message._awaiting == (kind != Class.NOTICE)
    assert library.endpoint.committed


def test_nobody_registered_for_the_file_is_fine() -> None:
    library = Scripted(DispatchReply(Status.ERR_FILE))
    assert library.run(sending.send(library.message(Class.NOTICE, "Op", Scope.BOTH), library.endpoint)) == 0


def test_state_becomes_sent_whatever_happens() -> None:
    """05 trap 3"""
    library = Scripted(LOST)
    message = library.message(Class.NOTICE, "Op", Scope.BOTH)
    with pytest.raises(NoServerError):
        library.run(sending.send(message, library.endpoint))
    assert message.state == State.SENT


def test_on_exit() -> None:
    """05-37: only PROCEDURE and HANDLER, only scope SESSION; the answer is awaited."""
    library = Scripted(DispatchReply(0))
    message = library.message(Class.NOTICE, "Bye", Scope.FILE_IN_SESSION)
    endpoint = library.endpoint
    with pytest.raises(ToolTalkError, match="1047"):
        library.run(sending.send_on_exit(message, endpoint))
    message.scope, message.address = Scope.SESSION, Address.OBJECT
    with pytest.raises(ToolTalkError, match="1039"):
        library.run(sending.send_on_exit(message, endpoint))
    message.address = Address.PROCEDURE
    assert library.run(sending.send_on_exit(message, endpoint)) == Status.OK
    assert library.asked == ["DISPATCH_ON_EXIT"]
    assert not message._awaiting
    with pytest.raises(StateError):
        library.run(sending.send_on_exit(message, endpoint))
