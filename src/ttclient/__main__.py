"""``python -m ttclient``: send, ask and watch from a shell. ttclient(1).

The exit status is 0, 1 if it failed, 2 if the command line makes no sense, 124 if the time is up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from ttclient.blocking.command.commandline import USAGE, Asked, HelpWanted, UsageError, read
from ttclient.blocking.command.report import remark
from ttclient.blocking.command.typed import BadWord
from ttclient.blocking.command.verbs import VERBS, TimeUp
from ttclient.errors import RequestTimeout, ToolTalkError

FAILED: Final = 1
MISUSED: Final = 2
TIME_UP: Final = 124


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. words: the command line behind the program's name."""
    try:
        asked = read(list(sys.argv[1:] if words is None else words))
    except HelpWanted:
        print(USAGE, end="")
        return 0
    except UsageError as problem:
        return _misused(problem)
    return _done(asked)


def _done(asked: Asked) -> int:
    try:
        VERBS[asked.command](asked)
    except BadWord as problem:
        return _misused(problem)
    except (RequestTimeout, TimeUp) as problem:
        remark(str(problem))
        return TIME_UP
    except BrokenPipeError:
        _forget_output()
        return FAILED
    except (ToolTalkError, OSError) as problem:
        remark(str(problem))
        return FAILED
    except KeyboardInterrupt:
        # Watching ends by it; a request that is given up was not answered.
        return 0 if asked.command in ("observe", "monitor") else FAILED
    return 0


def _misused(problem: Exception) -> int:
    remark(f"{problem} (--help tells more)")
    return MISUSED


def _forget_output() -> None:
    """Keep the interpreter from writing once more at exit to a reader that went away."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
