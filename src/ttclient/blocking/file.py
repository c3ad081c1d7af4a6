"""Files and object specs of the ToolTalk database (spec 05 section 8.3).

All of it is kept by a file database server on the host of the file. This version has no client for
one, so every operation ends as it does where none runs: DatabaseError 1027.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

from tooltalk.status import Status
from ttclient.errors import error
from ttclient.values import name


class File:
    """A file by its path, for operations on the objects in it."""

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def move(self, new: str | os.PathLike[str]) -> Status:
        """Move the file's database entries; the file itself is left alone (tt_file_move)."""
        _no_server("file.move", self.path)

    def copy(self, new: str | os.PathLike[str]) -> Status:
        """Copy the file's database entries (tt_file_copy)."""
        _no_server("file.copy", self.path)

    def destroy(self) -> Status:
        """Remove the file's database entries (tt_file_destroy)."""
        _no_server("file.destroy", self.path)

    def objects(self) -> Iterator[ObjectSpec]:
        """The objects in the file (tt_file_objects_query)."""
        _no_server("file.objects", self.path)

    def __repr__(self) -> str:
        return f"File({self.path!r})"


class ObjectSpec:
    """An object in a file, by its objid."""

    __slots__ = ("objid",)

    def __init__(self, objid: str) -> None:
        name(objid, "ObjectSpec", "an objid")
        self.objid = objid

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> ObjectSpec:
        """A new object in a file (tt_spec_create)."""
        _no_server("spec.create", os.fspath(path))

    def write(self) -> Status:
        """Store it (tt_spec_write)."""
        _no_server("spec.write", self.objid)

    def destroy(self) -> Status:
        """Remove it (tt_spec_destroy)."""
        _no_server("spec.destroy", self.objid)

    def __str__(self) -> str:
        return self.objid

    def __repr__(self) -> str:
        return f"ObjectSpec({self.objid!r})"


def _no_server(function: str, what: str) -> NoReturn:
    raise error(Status.ERR_DBEXIST, function, f"no file database server serves {what!r}")
