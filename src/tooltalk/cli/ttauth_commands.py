"""The commands of ttauth, as a table: names, arguments, help, and what each does (spec 02 section 9.4)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, NamedTuple

from tooltalk.cli.ttauth_entries import BadField, Match, list_line, merge, read_entry
from tooltalk.cli.ttauth_file import read_all, write_extract
from tooltalk.cli.ttauth_run import CommandError, Ended, Run
from tooltalk.server.authority import AuthorityTrouble
from tooltalk.wire.authority import Entry, format_entries, parse
from tooltalk.wording import later, say

LABEL_COLUMNS: Final = 22
NAME_COLUMNS: Final = 10
NAMES_PER_LINE: Final = 6
FIELDS: Final = "protoname protodata netid authname authdata"
MATCH: Final = "[protoname=WORD] [protodata=WORD] [netid=WORD] [authname=WORD]"
ONE_FILE: Final = f"FILE {MATCH}"


def _add(run: Run, words: list[bytes]) -> None:
    try:
        entry = read_entry(words)
    except BadField as error:
        raise CommandError(str(error)) from None
    if not _merge_in(run, [entry]):
        run.note(say("nothing added: the file has this entry already"))


def _merge_in(run: Run, entries: list[Entry]) -> int:
    merged = merge(run.file.entries, entries)
    changes = merged.added + merged.replaced
    if changes:
        run.file.entries = merged.entries
        run.file.changed = True
    return changes


def _exit(run: Run, words: list[bytes]) -> None:
    raise Ended(keep=True)


def _quit(run: Run, words: list[bytes]) -> None:
    raise Ended(keep=False)


def _extract(run: Run, words: list[bytes]) -> None:
    name = os.fsdecode(words[0])
    chosen = _chosen(run, words[1:])
    if not chosen:
        run.note(say("no entry matches; %s is not written", name))
        return
    data = format_entries(chosen)
    if name == "-":
        run.console.write(data)
        return
    try:
        write_extract(name, data, run.limits)
    except OSError as error:
        raise CommandError(say("cannot write %s: %s", name, error.strerror)) from None
    except AuthorityTrouble as trouble:
        raise CommandError(say("cannot write %s: %s", name, trouble)) from None
    run.told(say("entries written to %s: %d", name, len(chosen)))


def _chosen(run: Run, words: list[bytes]) -> list[Entry]:
    """The entries that ``words`` choose; words that can choose nothing are named."""
    match = Match(words)
    for word in match.strange:
        shown = repr(os.fsdecode(word))
        run.note(say("%s is no match word and matches nothing; ttauth help list shows them", shown))
    return [entry for entry in run.file.entries if match(entry)]


def _list(run: Run, words: list[bytes]) -> None:
    for entry in _chosen(run, words):
        run.console.result(list_line(entry))


def _merge(run: Run, words: list[bytes]) -> None:
    found: list[Entry] = []
    for name in words:
        # One file that cannot be read is no reason to leave the others out, and no failure (seen).
        try:
            found += _read_entries(run, os.fsdecode(name))
        except CommandError as error:
            run.note(str(error))
    before = len(run.file.entries)
    changes = _merge_in(run, found)
    added = len(run.file.entries) - before
    run.told(say("entries read in: %d (%d new, %d replaced)", changes, added, changes - added))


def _read_entries(run: Run, name: str) -> list[Entry]:
    most = run.limits.authority_bytes
    try:
        if name == "-":
            data = read_all(run.standard_input(), most)
        else:
            with open(name, "rb") as file:
                data = read_all(file, most)
    except OSError as error:
        raise CommandError(say("cannot read %s: %s", name, error.strerror)) from None
    entries = parse(data)
    if not entries:
        source = say("standard input") if name == "-" else name
        raise CommandError(say("%s holds no entries; ttauth extract writes such files", source))
    return entries


def _remove(run: Run, words: list[bytes]) -> None:
    chosen = _chosen(run, words)
    if chosen:
        going = set(chosen)
        run.file.entries = [entry for entry in run.file.entries if entry not in going]
        run.file.changed = True
    run.told(say("entries removed: %d", len(chosen)))


def _source(run: Run, words: list[bytes]) -> None:
    run.source(os.fsdecode(words[0]))


def _info(run: Run, words: list[bytes]) -> None:
    file = run.file
    rows = {
        "Authority file:": file.name,
        "File new:": _yes(file.new),
        "File locked:": _yes(file.locked),
        "Number of entries:": str(len(file.entries)),
        "Changes honored:": _yes(file.writable),
        "Changes made:": _yes(file.changed),
        "Current input:": run.place,
    }
    for label, value in rows.items():
        run.console.result(f"{label:{LABEL_COLUMNS}}{value}")


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _help(run: Run, words: list[bytes]) -> None:
    prefix = os.fsdecode(words[0]) if words else ""
    texts = [help_text(command) for command in COMMANDS if command.name.startswith(prefix)]
    if texts:
        run.console.result("".join(texts))
    else:
        run.note(say("no command begins with %s; ttauth help lists them all", repr(prefix)))


def _names(run: Run, words: list[bytes]) -> None:
    names = [command.name for command in COMMANDS]
    run.console.result("Commands:")
    for start in range(0, len(names), NAMES_PER_LINE):
        line = "".join(f"{name:{NAME_COLUMNS}}" for name in names[start : start + NAMES_PER_LINE])
        run.console.result(f"        {line}".rstrip())


class Command(NamedTuple):
    """One command. least: letters an abbreviation needs. fewest, most: arguments; most None is any number."""

    name: str
    least: int
    arguments: str
    text: str
    fewest: int
    most: int | None
    do: Callable[[Run, list[bytes]], None]


COMMANDS: Final = (
    Command("add", 2, FIELDS, later("add or replace an entry"), 5, 5, _add),
    Command("exit", 3, "", later("save changes and end"), 0, None, _exit),
    Command("extract", 3, ONE_FILE, later("write entries to FILE; - is standard output"), 2, None, _extract),
    Command("help", 1, "[PREFIX]", later("explain the commands that begin so"), 0, None, _help),
    Command("info", 1, "", later("tell about the file and this run"), 0, 0, _info),
    Command("list", 1, MATCH, later("print entries"), 0, None, _list),
    Command("merge", 1, "FILE ...", later("take in entries of files; - is standard input"), 1, None, _merge),
    Command("quit", 1, "", later("end without saving"), 0, None, _quit),
    Command("remove", 1, MATCH, later("remove entries; give at least one word"), 1, None, _remove),
    Command("source", 1, "FILE", later("do the commands of FILE; - is standard input"), 1, 1, _source),
    Command("?", 1, "", later("list the names of the commands"), 0, None, _names),
)


def help_text(command: Command) -> str:
    """Its lines in the help, the first of them empty."""
    usage = f"{command.name} {command.arguments}".rstrip()
    return f"\n{command.name:{NAME_COLUMNS}}{say(command.text)}\n{'':{NAME_COLUMNS}}{usage}\n"


def execute(run: Run, words: list[bytes]) -> None:
    """Do one command: its name, which may be cut short, and its arguments. Raises CommandError, Ended."""
    typed = os.fsdecode(words[0])
    command = _find(typed)
    if command is None:
        raise CommandError(say("unknown command %s; ttauth help lists them all", repr(typed)))
    arguments = words[1:]
    if len(arguments) < command.fewest or (command.most is not None and len(arguments) > command.most):
        raise CommandError(say("wrong arguments; use: %s %s", command.name, command.arguments).rstrip())
    command.do(run, arguments)


def _find(typed: str) -> Command | None:
    for command in COMMANDS:
        if len(typed) >= command.least and command.name.startswith(typed):
            return command
    return None
