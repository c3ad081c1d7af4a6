"""Traces of clients without what differs from run to run, so that they can be compared line by line."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
C_CALLER = (sys.executable, str(HERE / "c_caller.py"))
TALKER = (sys.executable, "-W", "error", str(HERE / "talker.py"))
OUR_CALLER = (sys.executable, "-W", "error", str(HERE / "our_caller.py"))
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "trace"

PATIENCE = 60.0

SCRIPTS = {
    "all": "version 1",
    "short": "attributes none",
    "follow": "follow on; attributes none",
    "no-messages": "states none",
    "one-op": "ops Nobody",
    "one-function": "functions tt_message_send; attributes all",
    "in-callbacks": "functions tt_message_state; attributes none",
    "receive": "functions tt_message_receive; states none; attributes all",
    "no-calls": "functions none; attributes none",
    "one-ptype": "sender_ptypes PT; attributes none",
}
"""Scripts under which both libraries print the same; ``attributes`` stands where ``functions`` would set it
in C (spec 07 section 8.5)."""

_NEUTRAL = [
    # The C library writes 0x twice, and a tab before dots (spec 07 section 2.2).
    (r"0x\(nil\)", "0x0"),
    (r"0x0x[0-9a-f]+|0x[1-9a-f][0-9a-f]*", "0xADDR"),
    (r" \t\.\.\.$", " ..."),
    (r"\b01 \d+(?: [\d.]+)+", "S"),
    (r'S"\[\.\.\.\]', 'S"'),
    (r"\b(\d+)\.1h[^ \"]+ S", r"\1.x S"),
    (r"\[\d+/\d+\]", "[U/G]"),
    (r"\[\d+(@[^\]]*)?\]", "[PID]"),
    (r"^\d+:\t", "PID:\t"),
    (r"tt_fd\(\) = \d+ ", "tt_fd() = FD "),
]

_QUIRKS = [
    # Arguments that the C library prints as what they are not (spec 07 section 7.2).
    (r"(tt_message_barg_add\(0xADDR, )0xADDR, ", r"\1TT_OUT, "),
]


def neutral(text: str) -> str:
    """``text`` with words in the place of addresses, procids, sessions, pids and descriptors."""
    for pattern, word in _NEUTRAL:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text


def corrected(text: str) -> str:
    """A neutral trace of the C library without the faults that ours does not have."""
    for pattern, word in _QUIRKS:
        text = re.sub(pattern, word, text)
    return text


def traced(session: Sequence[str], caller: Sequence[str], script: str, environ: Mapping[str, str]) -> str:
    """The neutral trace that ``caller`` prints in a session of its own, which prints none."""
    begin = 'TT_TRACE_SCRIPT=$SCRIPT; export TT_TRACE_SCRIPT; unset SCRIPT; exec "$@"'
    ran = subprocess.run(
        [*session, "-c", "sh", "-c", begin, "sh", *caller],
        env={**environ, "SCRIPT": script},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return neutral(ran.stderr)


def served(session: Sequence[str], environ: Mapping[str, str]) -> str:
    """The neutral trace of a server, from its start, around the program that talks; no diagnostics."""
    ran = subprocess.run(
        [*session, "-t", "-c", *TALKER],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return neutral(re.sub(r"^ttsession\[.*\n", "", ran.stderr, flags=re.MULTILINE))
