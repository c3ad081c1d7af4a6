"""A pattern as it travels: which messages a procid wants to observe or handle."""

from __future__ import annotations

from tooltalk.model.arg import Arg, PatternContext
from tooltalk.model.enums import Category


class Pattern:
    """The fields of a Tt_pattern (spec 01 section 9.7).

    Values of one field are alternatives, all fields together must hold; an empty field is not tested.
    classes, states, addresses, scopes and dispositions are masks, ``1 << value``.
    Lists of names and numbers come newest first, as libtt sends them; args and contexts in order.
    """

    __slots__ = (
        "addresses",
        "args",
        "category",
        "classes",
        "contexts",
        "dispositions",
        "files",
        "handler_ptypes",
        "handlers",
        "id",
        "objects",
        "opnums",
        "ops",
        "otypes",
        "scopes",
        "sender_ptypes",
        "senders",
        "sessions",
        "states",
    )

    def __init__(self, id: bytes = b"", category: int = Category.UNSET) -> None:
        self.id = id
        self.category = int(category)
        self.classes = 0
        self.states = 0
        self.addresses = 0
        self.scopes = 0
        self.dispositions = 0
        self.files: list[bytes] = []
        self.sessions: list[bytes] = []
        self.ops: list[bytes] = []
        self.opnums: list[int] = []
        self.objects: list[bytes] = []
        self.otypes: list[bytes] = []
        self.senders: list[bytes] = []
        self.handlers: list[bytes] = []
        self.sender_ptypes: list[bytes] = []
        self.handler_ptypes: list[bytes] = []
        self.args: list[Arg] = []
        self.contexts: list[PatternContext] = []

    def copy(self) -> Pattern:
        """A pattern with lists of its own."""
        twin = Pattern(self.id, self.category)
        twin.classes = self.classes
        twin.states = self.states
        twin.addresses = self.addresses
        twin.scopes = self.scopes
        twin.dispositions = self.dispositions
        twin.files = list(self.files)
        twin.sessions = list(self.sessions)
        twin.ops = list(self.ops)
        twin.opnums = list(self.opnums)
        twin.objects = list(self.objects)
        twin.otypes = list(self.otypes)
        twin.senders = list(self.senders)
        twin.handlers = list(self.handlers)
        twin.sender_ptypes = list(self.sender_ptypes)
        twin.handler_ptypes = list(self.handler_ptypes)
        twin.args = list(self.args)
        twin.contexts = [PatternContext(context.slot, context.values) for context in self.contexts]
        return twin

    def __repr__(self) -> str:
        return f"<Pattern {self.id!r} category={self.category} ops={self.ops!r}>"
