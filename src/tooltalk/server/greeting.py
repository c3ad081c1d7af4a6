"""What stands the same in call after call of a connection, so that it is looked at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tooltalk.core.client import Client
from tooltalk.wire.credentials import AuthFlavor
from tooltalk.wire.rpc import CREDENTIAL, KIND, PROCEDURE, Call

# The same bytes of another flavor may deserve another verdict: AUTH_DES guards against their return.
_STANDING: Final = (AuthFlavor.NONE.value, AuthFlavor.SYS.value)


class Greeting:
    """The header, credential and cookie of a call that was let in: the same bytes are let in again.

    That holds for one connection, whose peer does not change, and where the peer does not count for others
    (``Access.known``).
    version: RPC version. pos: where the arguments of the procedure itself begin.
    """

    __slots__ = ("_credential", "_start", "pos", "version")

    def __init__(self, call: Call, pos: int) -> None:
        self.version = call.version
        self.pos = pos
        self._start = call.data[KIND:PROCEDURE]
        self._credential = call.data[CREDENTIAL:pos]

    def opens(self, record: bytes) -> bool:
        """Whether ``record`` is a call that begins so. A whole greeting holds a whole header."""
        return record[KIND:PROCEDURE] == self._start and record[CREDENTIAL : self.pos] == self._credential

    def proves(self, record: bytes, alike: Callable[[bytes, bytes], bool]) -> bool:
        """The same of a peer not let in before. alike: compares secrets, like hmac.compare_digest."""
        claimed = record[CREDENTIAL : self.pos]
        return record.startswith(self._start, KIND) and alike(claimed, self._credential)


def greeting_of(call: Call, pos: int) -> Greeting | None:
    """What to expect after ``call``, which was let in; None if each call is to be judged by itself."""
    return Greeting(call, pos) if call.credential.flavor in _STANDING else None


class Fetching:
    """A NEXT_MESSAGE call, all of which but the xid comes again and again, and the record of its caller."""

    __slots__ = ("_rest", "client", "version")

    def __init__(self, record: bytes, version: int, client: Client) -> None:
        self._rest = record[KIND:]
        self.client = client
        self.version = version

    def again(self, record: bytes) -> bool:
        """Whether ``record`` is that call, of a procid that is still the same."""
        return len(record) == len(self._rest) + KIND and record.endswith(self._rest) and not self.client.gone
