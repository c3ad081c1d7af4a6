"""Printing types: those of a compiled file, of one level, or of all databases merged."""

from __future__ import annotations

from collections.abc import Iterator

from tooltalk.cli.preprocess import STDIN, STDIN_NAME, read_stdin
from tooltalk.cli.type_comp_jobs import OK, SYSTEM_ERROR, Job, printer
from tooltalk.model.typetable import TypeTable
from tooltalk.server import typefiles
from tooltalk.server.typefiles import Loaded, Problem


def print_types(job: Job) -> int:
    """-p, -O, -P. What can be read is printed even if other databases are damaged; the status tells."""
    loaded = _loaded_file(job) if job.options.operands else _loaded_levels(job)
    if loaded is None:
        return SYSTEM_ERROR
    for problem in loaded.problems:
        job.console.errors(problem.lines())
    for text in _printed(job.options.mode, loaded.table):
        job.console.write(text)
    return SYSTEM_ERROR if loaded.problems else OK


def _loaded_file(job: Job) -> Loaded:
    file = job.options.operands[0]
    if file == STDIN:
        data = read_stdin(job.limits.types_bytes + 1)
        types = typefiles.decoded(STDIN_NAME.decode("ascii"), data, job.limits)
    else:
        types = typefiles.load(file, job.limits)
    return Loaded(TypeTable(), [types]) if isinstance(types, Problem) else Loaded(types, [])


def _loaded_levels(job: Job) -> Loaded | None:
    """The databases; None once it is said that there are none."""
    if job.options.classing_engine:
        job.console.error("_Tt_typedb::init_ce()!")
        job.console.error("Cannot read any ToolTalk types from Classing Engine database")
        return None
    level = job.options.level
    if level is None:
        return typefiles.load_path(typefiles.database_paths(job.environ), job.limits)
    file = typefiles.level_path(level, job.environ)
    if file:
        return typefiles.load_path([file], job.limits)
    job.console.error(f"!{level}_db.len()")
    if job.options.mode != "p":
        job.cannot_read("database")
    return None


def _printed(mode: str, table: TypeTable) -> Iterator[bytes]:
    show = printer()
    if mode == "p":
        return show.table(table)
    return show.names(table.otypes if mode == "O" else table.ptypes)
