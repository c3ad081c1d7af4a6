"""The functions of the package: those of tt_c.h that belong to the process, and the short ways."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar, Unpack

from tooltalk.model.enums import Scope
from tooltalk.status import Status
from ttclient import environment, netfile, netpath, variants
from ttclient.arguments import Argument, OutSpec
from ttclient.blocking.machine import ThisMachine
from ttclient.blocking.process import PROCESS
from ttclient.blocking.procid import ProcId
from ttclient.blocking.session import Session
from ttclient.composing import Options
from ttclient.environment import StartedBy
from ttclient.errors import error
from ttclient.procid_name import ProcIdName
from ttclient.text import decode, encode
from ttclient.tracing import traced

_F = TypeVar("_F", bound=Callable[..., Any])


class Feature(IntEnum):
    """Tt_feature."""

    MULTITHREADED = 1


def open(session: Session | str | None = None, *, reconnect: bool = False) -> ProcId:
    """A new procid (tt_open); see ``ProcId.open``. A context manager that closes it."""
    return ProcId.open(session, reconnect=reconnect)


def close() -> None:
    """Close the default procid (tt_close)."""
    _default("close").close()


def _on_demand() -> ProcId:
    """The default procid, opened if the process has none."""
    with PROCESS.lock:
        return _default("send") if PROCESS.procids else ProcId.open()


def _default(function: str) -> ProcId:
    procid = PROCESS.default_procid(function).procid
    assert isinstance(procid, ProcId)
    return procid


def send(op: str, *args: Argument, **options: Unpack[Options]) -> None:
    """Send a notice from the default procid, opening it if need be; see ``ProcId.send``."""
    _on_demand().send(op, *args, **options)


def request(
    op: str, *args: Argument, out: OutSpec = (), timeout: float | None = None, **options: Unpack[Options]
) -> Any:
    """Ask and wait for the answer, with the default procid, opened if need be; see ``ProcId.request``."""
    return _on_demand().request(op, *args, out=out, timeout=timeout, **options)


def handle(
    *ops: str,
    scope: Scope = Scope.SESSION,
    file: str | os.PathLike[str] | None = None,
    register: bool = True,
) -> Callable[[_F], _F]:
    """Decorator: handle requests with the default procid, opened if need be; see ``ProcId.handle``."""
    return _on_demand().handle(*ops, scope=scope, file=file, register=register)


def observe(
    *ops: str,
    scope: Scope = Scope.SESSION,
    file: str | os.PathLike[str] | None = None,
    register: bool = True,
) -> Callable[[_F], _F]:
    """Decorator: observe messages with the default procid, opened if need be; see ``ProcId.observe``."""
    return _on_demand().observe(*ops, scope=scope, file=file, register=register)


def declare(ptype: str) -> Status:
    """Declare a ptype for the default procid, opened if need be."""
    return _on_demand().declare(ptype)


def run(timeout: float | None = None) -> None:
    """Serve with the default procid; see ``ProcId.run``."""
    _default("run").run(timeout)


def stop() -> None:
    """Have ``run`` return; see ``ProcId.stop``."""
    _default("stop").stop()


@traced("tt_default_procid")
def default_procid() -> ProcId:
    """The procid of calls that name none (tt_default_procid)."""
    return _default("default_procid")


@traced("tt_default_procid_set")
def set_default_procid(procid: ProcId | str) -> None:
    """Make it that one; ProcIdError if this process has no such procid (tt_default_procid_set)."""
    name = procid if isinstance(procid, ProcIdName) else ProcIdName(procid)
    PROCESS.default = PROCESS.named(name, "set_default_procid")


@traced("tt_default_session")
def default_session() -> Session:
    """The session of procids opened next (tt_default_session); SessionError once its server is gone."""
    return Session(PROCESS.default_session_id("default_session"))


@traced("tt_default_session_set")
def set_default_session(session: Session | str) -> None:
    """Make it another one, for procids opened from now on (tt_default_session_set). Connects to it.

    SessionError 1053 for what is no session, NoServerError if nobody answers there.
    """
    PROCESS.set_default_link(PROCESS.link_to(str(session), "set_default_session"))


@traced("tt_initial_session")
def initial_session() -> Session:
    """The session that the environment names (tt_initial_session)."""
    return Session(PROCESS.initial_session_id("initial_session"))


# Threads share all defaults: the same as the default calls (spec 05 section 8.1).
thread_procid = traced("tt_thread_procid")(default_procid)
set_thread_procid = traced("tt_thread_procid_set")(set_default_procid)
thread_session = traced("tt_thread_session")(default_session)
set_thread_session = traced("tt_thread_session_set")(set_default_session)


@traced("tt_feature_enabled")
def feature_enabled(feature: Feature) -> Status:
    """Raises NotImplementedYet: calls work from any thread, but threads have no defaults of their own."""
    raise error(
        Status.ERR_UNIMP, "feature_enabled", f"{feature!r} is not offered; defaults are the process's"
    )


@traced("tt_feature_required")
def require_feature(feature: Feature) -> Status:
    """Raises NotImplementedYet, as ``feature_enabled``."""
    raise error(
        Status.ERR_UNIMP, "require_feature", f"{feature!r} is not offered; defaults are the process's"
    )


def started_by() -> StartedBy | None:
    """The ptype and file for which ttsession started this process; None if it did not."""
    return environment.started_by(os.environ)


@traced("tt_file_netfile", variants.file_netfile)
def file_to_netfile(path: str | os.PathLike[str], host: str | None = None) -> str:
    """The netfile name of a file (tt_file_netfile, tt_host_file_netfile).

    host: on which machine, by default this one; asking another takes its file database server.
    """
    _here(host, "file_to_netfile")
    return decode(netfile.encode(PROCESS.machine, os.fsencode(path)))


@traced("tt_netfile_file", variants.netfile_file)
def netfile_to_file(name: str, host: str | None = None) -> str:
    """The local path of the file a netfile name means; ToolTalkError 1065 for another string."""
    _here(host, "netfile_to_file")
    if not isinstance(name, str):
        raise error(Status.ERR_POINTER, "netfile_to_file", f"a netfile name is a string, not {name!r}")
    return decode(netfile.decode(PROCESS.machine, encode(name), "netfile_to_file"))


def _here(host: str | None, function: str) -> None:
    """Refuse hosts that only their file database server could answer for (spec 05 section 11.3)."""
    machine: ThisMachine = PROCESS.machine
    if host is None or netpath.same_host(machine, encode(host), machine.host):
        return
    if not machine.addresses(encode(host)):
        raise error(Status.ERR_DBAVAIL, function, f"host {host!r} is not known")
    raise error(Status.ERR_DBEXIST, function, f"no file database server answers on {host!r}")


@traced("tt_mark")
def mark() -> int:
    """For ports from C: nothing needs to be freed (tt_mark)."""
    return 1


@traced("tt_release")
def release(_mark: int) -> None:
    """For ports from C (tt_release)."""
