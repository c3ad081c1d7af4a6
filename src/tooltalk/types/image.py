"""The compiled form of types: the file ``types.xdr``, and what LOAD_TYPES carries (spec 04 section 12).

``version, ptr { ptr table of ptypes, ptr table of otypes }``. The version is the lowest that can hold the
whole database, chosen anew at every write, and decides the form of every string in it (trap 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from tooltalk.errors import BadEncoding, PeerFault
from tooltalk.limits import Limits
from tooltalk.model.arg import INT, Arg
from tooltalk.model.enums import Category, Class, Disposition, Mode, Scope, ValueKind
from tooltalk.model.signature import NO_SLOT, Signature
from tooltalk.model.typetable import Otype, Ptype, TypeTable
from tooltalk.status import Status
from tooltalk.wire.xdr import Decoder, Encoder

VERSION: Final = 4
"""The highest version there is."""

_CONTEXTS: Final = 3
"""From this version on signatures have contexts."""

_PLAIN_ARGS: Final = 4
"""From this version on arguments have no unused string."""

_VISITED: Final = -1
_DISPOSITIONS: Final = int(Disposition.QUEUE | Disposition.START)
_ELEMENTS: Final = Limits().types_elements

_T = TypeVar("_T")


class BadTypes(PeerFault):
    """An image that gives no types. ``status`` is the answer of LOAD_TYPES for it (spec 04 section 10.3)."""

    status: Status


class NewerTypes(BadTypes):
    """The image is of a version this program does not know."""

    status = Status.ERR_NO_MATCH

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}, and this program reads versions up to {VERSION}")
        self.version = version


class DamagedTypes(BadTypes):
    """The image does not decode. offset: of the first value that cannot be, in bytes from the start."""

    status = Status.ERR_DBCONSIST

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(f"byte {offset}: {what}")
        self.offset = offset


def decode(image: bytes, elements: int = _ELEMENTS) -> TypeTable:
    """The types of ``image``, all of them or none. Bytes behind the last table are ignored.

    elements: how many types, signatures, arguments and names it may have altogether.
    Raises NewerTypes, or DamagedTypes for everything else that is wrong, no bytes at all included.
    """
    reader = _Reader(image, elements)
    try:
        return reader.database()
    except BadEncoding as bad:
        raise DamagedTypes(reader.at, str(bad)) from bad


def encode(table: TypeTable) -> bytes:
    """``table`` in the lowest version that can hold it."""
    writer = _Writer(version_of(table))
    writer.database(table)
    return writer.out.bytes()


def version_of(table: TypeTable) -> int:
    """4 with a push or rotate handler anywhere, else 3 with contexts anywhere, else 1."""
    version = 1
    for signature in _signatures(table):
        if signature.category in (Category.HANDLE_PUSH, Category.HANDLE_ROTATE):
            return _PLAIN_ARGS
        if signature.contexts:
            version = _CONTEXTS
    return version


def _signatures(table: TypeTable) -> Iterator[Signature]:
    for ptype in table.ptypes:
        yield from ptype.observes
        yield from ptype.handles
    for otype in table.otypes:
        yield from otype.inherited
        yield from otype.observes
        yield from otype.handles


class _Reader:
    """Decodes one image. at: offset of the value being read."""

    __slots__ = ("_in", "at", "version")

    def __init__(self, image: bytes, elements: int) -> None:
        self._in = Decoder(image, elements=elements)
        self.at = 0
        self.version = 0

    def database(self) -> TypeTable:
        self.version = self.number()
        if self.version > VERSION:
            raise NewerTypes(self.version)
        if self.version < 1:
            raise BadEncoding(f"version {self.version}")
        self._in.level = self.version
        table = TypeTable()
        if self.present():
            for ptype in self.items(16, self.ptype):
                table.ptypes.insert(ptype)
            for otype in self.items(24, self.otype):
                table.otypes.insert(otype)
        return table

    def ptype(self) -> Ptype:
        ptype = Ptype(self.name("ptid"))
        ptype.properties = self.items(8, self.property)
        ptype.observes = self.items(40, self.psignature)
        ptype.handles = self.items(40, self.psignature)
        return ptype

    def property(self) -> tuple[bytes, bytes | None]:
        return self.name("property name"), self.string()

    def otype(self) -> Otype:
        otype = Otype(self.name("otid"))
        otype.parents = self.items(4, self.parent)
        otype.inherited = self.items(40, self.signature)
        otype.observes = self.items(40, self.signature)
        otype.handles = self.items(40, self.signature)
        self.number()
        return otype

    def parent(self) -> bytes:
        return self.name("parent of an otype")

    def psignature(self) -> Signature:
        """A signature in a ptype's list; only in an otype's may the ptid be missing."""
        signature = self.signature()
        if signature.ptid is None:
            raise BadEncoding(f"the signature of {signature.op!r} that ends here names no ptype")
        return signature

    def signature(self) -> Signature:
        scope = self.one_of(Scope.FILE_IN_SESSION, "scope")
        args = self.items(20, self.arg)
        tt_class = self.one_of(Class.OFFER, "class")
        category = self.one_of(Category.HANDLE_ROTATE, "category")
        op = self.name("operation")
        disposition = self.one_of(_DISPOSITIONS, "disposition")
        opnum = self.number()
        ptid = self.text("ptid")
        otid = self.text("otid")
        super_otid = self.text("otid of a parent")
        contexts = self.items(4, self.slot) if self.version >= _CONTEXTS else ()
        return Signature(
            op,
            category,
            scope=scope,
            args=args,
            tt_class=tt_class,
            disposition=disposition,
            opnum=opnum,
            ptid=ptid or None,
            otid=otid,
            super_otid=super_otid,
            contexts=contexts,
        )

    def slot(self) -> bytes:
        """A slot name. The C compiler writes null for a name it does not allow; no message has that slot."""
        return self.text("context slot") or NO_SLOT

    def arg(self) -> Arg:
        mode = self.one_of(Mode.INOUT, "mode")
        vtype = self.text("type of an argument")
        if self.version < _PLAIN_ARGS:
            self.string()
        name = self.string()
        kind = self.one_of(ValueKind.STRING, "kind of value")
        value = self.number() if kind == INT else self.string()
        return Arg(mode, vtype, value, kind, name)

    def number(self) -> int:
        self.at = self._in.pos
        return self._in.int32()

    def one_of(self, highest: int, what: str) -> int:
        number = self.number()
        if not 0 <= number <= highest:
            raise BadEncoding(f"{what} {number}")
        return number

    def string(self) -> bytes | None:
        self.at = self._in.pos
        return self._in.string()

    def text(self, what: str) -> bytes | None:
        value = self.string()
        if value is not None and 0 in value:
            raise BadEncoding(f"{what} with a NUL byte in it")
        return value

    def name(self, what: str) -> bytes:
        value = self.text(what)
        if not value:
            raise BadEncoding(f"{what} missing")
        return value

    def present(self) -> bool:
        self.at = self._in.pos
        return self._in.present()

    def items(self, minimum: int, read: Callable[[], _T]) -> list[_T]:
        """A list behind a pointer; null is an empty list. minimum: bytes that one element takes at least.

        A negative count makes the C program take the list for empty; here it is damage (section 11).
        """
        if not self.present():
            return []
        number = self.number()
        if number < 0:
            raise BadEncoding(f"a list of {number} elements")
        self._in.pos = self.at
        return [read() for _ in range(self._in.count(minimum))]


class _Writer:
    """Encodes one database in ``version``."""

    __slots__ = ("_version", "out")

    def __init__(self, version: int) -> None:
        self._version = version
        self.out = Encoder(version)

    def database(self, table: TypeTable) -> None:
        self.out.int32(self._version)
        self.out.present()
        self.list(list(table.ptypes), self.ptype)
        self.list(list(table.otypes), self.otype)

    def list(self, items: Sequence[_T], write: Callable[[_T], None]) -> None:
        self.out.present()
        self.out.int32(len(items))
        for item in items:
            write(item)

    def ptype(self, ptype: Ptype) -> None:
        self.out.string(ptype.name)
        self.list(ptype.properties, self.property)
        self.list(ptype.observes, self.signature)
        self.list(ptype.handles, self.signature)

    def property(self, pair: tuple[bytes, bytes | None]) -> None:
        name, value = pair
        self.out.string(name)
        self.out.string(value)

    def otype(self, otype: Otype) -> None:
        self.out.string(otype.name)
        self.list(otype.parents, self.out.string)
        self.list(otype.inherited, self.signature)
        self.list(otype.observes, self.signature)
        self.list(otype.handles, self.signature)
        self.out.int32(_VISITED)

    def signature(self, signature: Signature) -> None:
        out = self.out
        out.int32(signature.scope)
        self.list(signature.args, self.arg)
        self.numbers((signature.tt_class, signature.category))
        out.string(signature.op)
        self.numbers((signature.disposition, signature.opnum))
        for name in (signature.ptid, signature.otid, signature.super_otid):
            out.string(name)
        if self._version >= _CONTEXTS:
            self.list(signature.contexts, self.slot)

    def slot(self, slot: bytes) -> None:
        self.out.string(slot or None)

    def arg(self, arg: Arg) -> None:
        out = self.out
        out.int32(arg.mode)
        out.string(arg.vtype)
        if self._version < _PLAIN_ARGS:
            out.string(None)
        out.string(arg.name)
        out.int32(arg.kind)
        if isinstance(arg.value, int):
            out.int32(arg.value)
        else:
            out.string(arg.value)

    def numbers(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.out.int32(number)
