"""What tt_type_comp does with a source, and with the database of a level."""

from __future__ import annotations

import codecs
import locale
import os
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tooltalk.cli.console import Console
from tooltalk.cli.preprocess import STDIN, read_source
from tooltalk.cli.saved import send_saved
from tooltalk.cli.type_comp_options import Options
from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.model.typetable import Ptype, TypeTable
from tooltalk.server import typefiles, typestore
from tooltalk.server.typefiles import Problem, Trouble
from tooltalk.types import image
from tooltalk.types.merge import merge, remove
from tooltalk.types.printed import Printer

OK: Final = 0
REFUSED: Final = 1
SOURCE_ERROR: Final = 2
SYSTEM_ERROR: Final = 3
STDOUT: Final = "-"


class Job(NamedTuple):
    """One run of the program. notify: told of a file that was written; returns what went wrong."""

    options: Options
    console: Console
    limits: Limits
    environ: Mapping[str, str]
    notify: Callable[[str, Mapping[str, str]], list[str]] = send_saved

    @property
    def level(self) -> str:
        """The level that is changed."""
        return self.options.level or "user"

    def written(self, file: str) -> None:
        """Tell the session that ``file`` is new, so that it reads its types again."""
        self.console.errors(self.notify(file, self.environ))

    def cannot_read(self, what: str) -> int:
        """The end of a job whose database cannot be used."""
        self.console.error(f"Cannot read types in {what}")
        if "OPENWINHOME" not in self.environ:
            self.console.error("$OPENWINHOME not set")
        return SYSTEM_ERROR


def compile_to_file(job: Job) -> int:
    """-x: compile to a file, or to standard output, which then gets nothing else."""
    source = job.options.operands[0]
    out = job.options.out or ("types.xdr" if source == STDIN else source + ".xdr")
    table = _compiled(job, out == STDOUT)
    if table is None:
        return SOURCE_ERROR
    data = image.encode(table)
    if out == STDOUT:
        job.console.write(data)
        return OK
    try:
        typestore.write(out, data)
    except Unavailable as error:
        job.console.error(str(error))
        return SYSTEM_ERROR
    job.written(out)
    job.console.result(f"output written to {out}")
    return OK


def merge_source(job: Job) -> int:
    """-m, -M: compile, and add the types to the database of a level."""
    console = job.console
    if job.options.classing_engine:
        console.error("Merging Classing Engine tables is no longer supported")
        return REFUSED
    source = _compiled(job, False)
    if source is None:
        return SOURCE_ERROR
    new = source

    def edit(table: TypeTable) -> bool:
        for name, replaced in merge(table, new, replace=job.options.mode == "m"):
            console.progress(b"%s %s..." % (b"Overwriting" if replaced else b"Writing", name))
        return True

    file = typefiles.level_path(job.level, job.environ)
    if file:
        typestore.make_directory(file)
    return _change(job, file, edit, f"Cannot initialize {job.level} database for writing")


def remove_types(job: Job) -> int:
    """-r: take types out of the database of a level."""
    if job.options.classing_engine:
        return job.cannot_read(f"{job.level} database")
    names = [os.fsencode(name) for name in job.options.operands]

    def edit(table: TypeTable) -> bool:
        removed = remove(table, names)
        for entry in removed:
            kind = b"ptype" if isinstance(entry, Ptype) else b"otype"
            job.console.progress(b"Removing %s %s" % (kind, entry.name))
        return bool(removed)

    file = typefiles.level_path(job.level, job.environ)
    if file and typefiles.is_absent(file):
        return OK
    return _change(job, file, edit, None)


def printer() -> Printer:
    """A printer for the user's locale."""
    encoding = locale.getencoding()
    try:
        codecs.lookup(encoding)
    except LookupError:
        encoding = "ascii"
    return Printer(encoding)


def _compiled(job: Job, output_taken: bool) -> TypeTable | None:
    """The types of the source, or None once everybody knows what is wrong with it."""
    # Here and not above: printing types needs no grammar, and lark takes longer to load than all the rest.
    from tooltalk.types.source import Source

    name = job.options.operands[0]
    console = job.console
    try:
        text = read_source(name, job.options.cpp)
    except OSError as error:
        console.error(f"{name}: {error.strerror}")
        console.error(f"Not a valid ToolTalk types file: {name}")
        return None
    if text.warning is not None:
        console.error(text.warning)
    source = Source(text.data, text.name, printer())
    valid = source.valid and not text.failed
    checked = valid and source.check()
    for diagnostic in source.diagnostics:
        console.diagnose(diagnostic, output_taken)
    if not checked:
        console.error("Semantic error in types file" if valid else f"Not a valid ToolTalk types file: {name}")
    return source.table if checked else None


def _change(job: Job, file: str, edit: Callable[[TypeTable], bool], unlocked: str | None) -> int:
    """Lock the database, read it, edit it, and write it if ``edit`` says so.

    Locked before it is read: of two programs that change it at once, the C program loses what one of them
    did (spec 04 section 9.5). unlocked: what to say in the end where the lock cannot be had.
    """
    console = job.console
    if not file:
        console.error(f"!{job.level}_db.len()")
        return job.cannot_read(f"{job.level} database")
    with typestore.DatabaseLock(file, console.error, job.limits) as lock:
        if not lock.take():
            if unlocked is not None:
                console.error(unlocked)
            return SYSTEM_ERROR
        types = typefiles.load(file, job.limits)
        if isinstance(types, Problem):
            console.errors(types.lines())
            newer = " - version mismatch" if types.trouble is Trouble.NEWER else ""
            return job.cannot_read(f"{job.level} database{newer}")
        return _rewrite(job, file, types) if edit(types) else OK


def _rewrite(job: Job, file: str, types: TypeTable) -> int:
    try:
        typestore.replace(file, image.encode(types))
    except Unavailable as error:
        job.console.error(str(error))
        return SYSTEM_ERROR
    job.written(file)
    job.console.done(f"Overwrote {file}")
    return OK
