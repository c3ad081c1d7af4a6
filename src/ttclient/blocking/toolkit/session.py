"""Being a tool of the desktop: the patterns of a session (spec 05 section 19)."""

from __future__ import annotations

from tooltalk.status import Status
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.agents import ProcessAgent, ToolAgent
from ttclient.blocking.toolkit.ending import destroy_patterns
from ttclient.blocking.toolkit.groups import pattern_for, register_all
from ttclient.standard import patterns as wanted
from ttclient.standard.window import Window


class DesktopSession:
    """What ``join_desktop`` registered; ``quit`` takes it back. A context manager that does."""

    def __init__(self, procid: ProcId, patterns: list[Pattern], joined: bool) -> None:
        self._procid = procid
        self._joined = joined
        self.patterns = tuple(patterns)

    def quit(self, quit_session: bool = True) -> Status:
        """Destroy the patterns and leave the session (ttdt_session_quit); the worst status."""
        worst = destroy_patterns(self.patterns)
        if quit_session and self._joined and not self._procid._own("quit_desktop").endpoint.closed:
            worst = max(worst, self._procid.quit_session())
        self._joined = False
        return worst

    def __enter__(self) -> DesktopSession:
        return self

    def __exit__(self, *_: object) -> None:
        opened = self._procid._opened
        if opened is not None and not opened.endpoint.closed:
            self.quit()


def join_session(
    procid: ProcId,
    tool: tuple[str, str, str],
    handler: object,
    window: Window | None,
    join: bool,
    process: bool,
) -> DesktopSession:
    """Register the patterns of the session; see ``DesktopProcId.join_desktop``."""
    agent = ToolAgent(handler, window, None, tool)
    group = [pattern_for(procid, each, agent) for each in (*wanted.TOOL, wanted.COMMAND)]
    if process:
        group.append(pattern_for(procid, wanted.PROCESS, ProcessAgent()))
    patterns = register_all(group)
    try:
        if join:
            procid.join_session()
    except BaseException:
        destroy_patterns(patterns)
        raise
    return DesktopSession(procid, patterns, join)
