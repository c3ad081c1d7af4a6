"""The standard messages: op, class, arguments in order (spec 08 sections 4 and 5).

For the server these are messages like any other. Patterns and signatures compare them, so mode, type
and order of the arguments are what makes a message the one that other programs know. Parameter names
are for people only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tooltalk.model.enums import Class, Mode

MEDIA: Final = "mediaType"
"""Stands for the vtype of a medium: ``ISO_Latin_1``, ``PostScript``, ``XPM`` ..."""

ENTITY: Final = "type"
"""Stands for the vtype of what the message is about: ``File``, or an object's."""

FILE_VTYPE: Final = "File"
MESSAGE_ID: Final = "messageID"
TITLE: Final = "title"


class Param(NamedTuple):
    """One argument of a standard message."""

    mode: Mode
    vtype: str
    name: str


class Synopsis(NamedTuple):
    """One form of a standard message. An op can have several: Edit with inout and with out contents.

    args: always there. optional: may follow, in this order, each or none. repeats: the required ones may
    come again and again. about_file: its file attribute may, or must, be set.
    """

    op: str
    message_class: Class
    args: tuple[Param, ...]
    optional: tuple[Param, ...] = ()
    repeats: bool = False
    about_file: bool = False

    @property
    def shape(self) -> tuple[tuple[Mode, str], ...]:
        """Mode and vtype of the required arguments, what a pattern for it asks for."""
        return tuple((param.mode, param.vtype) for param in self.args)


_NOTICES: Final = """
Started(in string vendor, in string toolName, in string toolVersion)
Stopped(in string vendor, in string toolName, in string toolVersion)
Status(in string status, in string vendor, in string toolName, in string toolVersion) [in messageID id]
[file] Created(in type ID)
[file] Deleted(in type ID)
[file] Moved(in type newID, in type oldID)
[file] Modified(in type ID)
[file] Reverted(in type ID)
[file] Saved(in type ID)
"""

_REQUESTS: Final = """
Get_Status(out string status, out string vendor, out string tool, out string version) [in messageID operation]
Quit(in boolean silent, in boolean force) [in messageID operation]
Pause() [in messageID operation]
Resume() [in messageID operation]
Do_Command(in string command, out string results)
Signal(in string theSignal)
Get_Sysinfo(out string system, out string node, out string release, out string version, out string machine)
Set_Geometry(inout width w, inout height h, inout xOffset x, inout yOffset y) [in messageID commission]
Get_Geometry(out width w, out height h, out xOffset x, out yOffset y) [in messageID commission]
Set_Iconified(in boolean iconic) [in messageID commission]
Get_Iconified(out boolean iconic) [in messageID commission]
Set_Mapped(in boolean mapped) [in messageID commission]
Get_Mapped(out boolean mapped) [in messageID commission]
Raise() [in messageID commission]
Lower() [in messageID commission]
Set_XInfo(in string display, in string visual, in integer depth) [in messageID commission]
Get_XInfo(out string display, out string visual, out integer depth) [in messageID commission]
Set_Environment(in string variable, in string value) ...
Get_Environment(in string variable, out string value) ...
Set_Locale(in string category, in string locale) ...
Get_Locale(in string category, out string locale) ...
Set_Situation(in string path)
Get_Situation(out string path)
[file] Get_Modified(in type ID, out boolean modified)
[file] Save(in type ID)
[file] Revert(in type ID)
[file] Display(in mediaType contents) [in messageID counterfoil] [in title docName]
[file] Edit(inout mediaType contents) [in messageID counterfoil] [in title docName]
[file] Edit(out mediaType contents) [in messageID counterfoil] [in title docName]
[file] Deposit(in mediaType contents) [in messageID commission]
[file] Mail(in mediaType contents)
[file] Mail(inout mediaType contents) [in title docName]
[file] Mail(out mediaType contents) [in title docName]
[file] Instantiate(in mediaType template)
[file] Print(in mediaType contents, in boolean inquisitive, in boolean covert) [in title docName]
[file] Translate(in mediaType contents, out mediaType output, in boolean inquisitive, in boolean covert) \
[in messageID counterfoil]
"""

_MODES: Final = {"in": Mode.IN, "out": Mode.OUT, "inout": Mode.INOUT}


def _params(text: str) -> tuple[Param, ...]:
    return tuple(_param(each) for each in text.split(",") if each.strip())


def _param(text: str) -> Param:
    mode, vtype, name = text.split()
    return Param(_MODES[mode], vtype, name)


def _synopsis(line: str, kind: Class) -> Synopsis:
    line, about_file = line.removeprefix("[file] "), line.startswith("[file] ")
    op, _, rest = line.partition("(")
    required, _, after = rest.partition(")")
    optional = tuple(_param(each.strip(" []")) for each in after.split("]") if "[" in each)
    return Synopsis(op, kind, _params(required), optional, after.strip() == "...", about_file)


CATALOGUE: Final[tuple[Synopsis, ...]] = tuple(
    _synopsis(line, kind)
    for kind, text in ((Class.NOTICE, _NOTICES), (Class.REQUEST, _REQUESTS))
    for line in text.strip().splitlines()
)
"""Every form of every standard message."""


def forms(op: str) -> list[Synopsis]:
    """The forms of an op; none for one that no standard set defines."""
    return [synopsis for synopsis in CATALOGUE if synopsis.op == op]


def shape(op: str) -> tuple[tuple[Mode, str], ...]:
    """Mode and vtype of the required arguments of an op with one form."""
    return forms(op)[0].shape
