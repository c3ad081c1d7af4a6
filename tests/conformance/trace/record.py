"""Writes tests/golden/trace anew, where TT_REF_LIB and TT_REF_SESSION name the C implementation."""

from __future__ import annotations

import os

from tests.conformance.trace.traces import C_CALLER, GOLDEN, SCRIPTS, corrected, served, traced

if __name__ == "__main__":
    for name, script in SCRIPTS.items():
        text = traced([os.environ["TT_REF_SESSION"]], C_CALLER, script, os.environ)
        (GOLDEN / f"{name}.txt").write_text(corrected(text))
    (GOLDEN / "server.txt").write_text(served([os.environ["TT_REF_SESSION"]], os.environ))
