"""What one server was told to do: by its command line and by its environment."""

from __future__ import annotations

from collections.abc import Sequence

from tooltalk.limits import Limits
from tooltalk.model.enums import AuthLevel
from tooltalk.server.inherited import Inherited
from tooltalk.server.peer import LOOPBACK


class Settings:
    """program: name in diagnostics. level: who is let in. command: words of ``-c``, None without it.

    display: name of the X display to serve, None for a process-tree session.
    print_address: write the address to standard output (-p). background: leave the launcher and the
    terminal once ready. silent: no diagnostics (-s). trace: trace from the start (-t). more_files: raise
    the descriptor limit (-N). listen: IPv4 address of the TCP listener, ``0.0.0.0`` for all. inherited: the
    local socket, if a service manager has made it.
    """

    __slots__ = (
        "background",
        "command",
        "display",
        "inherited",
        "level",
        "limits",
        "listen",
        "more_files",
        "print_address",
        "program",
        "silent",
        "trace",
    )

    def __init__(
        self,
        program: str = "ttsession",
        *,
        level: AuthLevel = AuthLevel.COOKIE,
        command: Sequence[str] | None = None,
        display: str | None = None,
        print_address: bool = False,
        background: bool = True,
        silent: bool = False,
        trace: bool = False,
        more_files: bool = False,
        listen: str = LOOPBACK,
        limits: Limits | None = None,
    ) -> None:
        self.program = program
        self.inherited: Inherited | None = None
        self.level = level
        self.command = command
        self.display = display
        self.print_address = print_address
        self.background = background
        self.silent = silent
        self.trace = trace
        self.more_files = more_files
        self.listen = listen
        self.limits = limits or Limits()
