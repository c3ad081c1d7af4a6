"""Files and object specs of the ToolTalk database (spec 05 section 8.3).

All of it is kept by a file database server on the host of the file. This version has no client for
one, so every operation ends as it does where none runs: DatabaseError 1027.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

from tooltalk.status import Status
from ttclient import variants
from ttclient.errors import error
from ttclient.tracing import but_first, traced
from ttclient.values import name


class File:
    """A file by its path, for operations on the objects in it."""

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    @traced("tt_file_move")
    def move(self, new: str | os.PathLike[str]) -> Status:
        """Move the file's database entries; the file itself is left alone (tt_file_move)."""
        _no_server("file.move", self.path)

    @traced("tt_file_copy")
    def copy(self, new: str | os.PathLike[str]) -> Status:
        """Copy the file's database entries (tt_file_copy)."""
        _no_server("file.copy", self.path)

    @traced("tt_file_destroy")
    def destroy(self) -> Status:
        """Remove the file's database entries (tt_file_destroy)."""
        _no_server("file.destroy", self.path)

    def objects(self) -> Iterator[ObjectSpec]:
        """The objects in the file."""
        _no_server("file.objects", self.path)

    @traced("tt_file_objects_query", lambda file, filter: (file, filter, None, None))
    def query(self, filter: Callable[[ObjectSpec], object]) -> Status:
        """Call ``filter`` with each object in the file (tt_file_objects_query)."""
        _no_server("file.query", self.path)

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"File({self.path!r})"


class ObjectSpec:
    """An object in a file, by its objid."""

    __slots__ = ("objid",)

    def __init__(self, objid: str) -> None:
        name(objid, "ObjectSpec", "an objid")
        self.objid = objid

    @classmethod
    @traced("tt_spec_create", but_first)
    def create(cls, path: str | os.PathLike[str]) -> ObjectSpec:
        """A new object in a file (tt_spec_create)."""
        _no_server("spec.create", os.fspath(path))

    @traced("tt_spec_write")
    def write(self) -> Status:
        """Store it (tt_spec_write)."""
        _no_server("spec.write", self.objid)

    @traced("tt_spec_destroy")
    def destroy(self) -> Status:
        """Remove it (tt_spec_destroy)."""
        _no_server("spec.destroy", self.objid)

    @traced("tt_spec_move")
    def move(self, path: str | os.PathLike[str]) -> Status:
        """Move it to another file (tt_spec_move)."""
        _no_server("spec.move", self.objid)

    @property
    @traced("tt_spec_file")
    def file(self) -> str:
        """The file it is in (tt_spec_file)."""
        _no_server("spec.file", self.objid)

    @property
    @traced("tt_spec_type")
    def otype(self) -> str | None:
        """Its otype (tt_spec_type)."""
        _no_server("spec.otype", self.objid)

    @otype.setter
    @traced("tt_spec_type_set")
    def otype(self, value: str) -> None:
        _no_server("spec.otype", self.objid)

    @property
    @traced("tt_objid_objkey")
    def objkey(self) -> str:
        """The part of the objid that is the same wherever the object is seen from (tt_objid_objkey)."""
        _no_server("spec.objkey", self.objid)

    @traced("tt_spec_prop")
    def prop(self, name: str, index: int = 0) -> str:
        """Value number ``index`` of a property, as text (tt_spec_prop)."""
        _no_server("spec.prop", self.objid)

    @traced("tt_spec_bprop", outcome=variants.done)
    def prop_bytes(self, name: str, index: int = 0) -> bytes:
        """The same as bytes (tt_spec_bprop)."""
        _no_server("spec.prop_bytes", self.objid)

    @traced("tt_spec_prop_count")
    def prop_count(self, name: str) -> int:
        """How many values a property has (tt_spec_prop_count)."""
        _no_server("spec.prop_count", self.objid)

    @traced("tt_spec_prop_add", variants.spec_prop_add)
    def add_prop(self, name: str, value: str | bytes) -> Status:
        """Append a value (tt_spec_prop_add, bprop_add)."""
        _no_server("spec.add_prop", self.objid)

    @traced("tt_spec_prop_set", variants.spec_prop_set)
    def set_prop(self, name: str, value: str | bytes) -> Status:
        """Replace all values by one (tt_spec_prop_set, bprop_set)."""
        _no_server("spec.set_prop", self.objid)

    @traced("tt_spec_propname")
    def propname(self, index: int) -> str:
        """The name of property number ``index`` (tt_spec_propname)."""
        _no_server("spec.propname", self.objid)

    @property
    @traced("tt_spec_propnames_count")
    def propnames_count(self) -> int:
        """How many properties it has (tt_spec_propnames_count)."""
        _no_server("spec.propnames_count", self.objid)

    def __str__(self) -> str:
        return self.objid

    def __repr__(self) -> str:
        return f"ObjectSpec({self.objid!r})"


@traced("tt_objid_equal")
def objid_equal(one: ObjectSpec | str, other: ObjectSpec | str) -> bool:
    """Whether two objids mean the same object (tt_objid_equal). Equal strings do; for others somebody
    would have to look the objects up."""
    return str(one) == str(other) or _no_server("objid_equal", str(other))


def _no_server(function: str, what: str) -> NoReturn:
    raise error(Status.ERR_DBEXIST, function, f"no file database server serves {what!r}")
