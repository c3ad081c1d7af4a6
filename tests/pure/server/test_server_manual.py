"""The manual page shows the limits as they are, and every option there is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from tooltalk.cli.ttsession import LIMITS_VARIABLE, LISTEN_VARIABLE, OPTIONS
from tooltalk.limits import Limits

MAN = Path(__file__).resolve().parents[3] / "man"
PAGE = (MAN / "ttsession.1").read_text()


def test_table_of_limits_is_current():
    """If this fails: ``python man/limits_table.py``."""
    spec = importlib.util.spec_from_file_location("limits_table", MAN / "limits_table.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.renewed(PAGE) == PAGE
    assert f".It Sy outbox_bytes No \\(eq {Limits().outbox_bytes} bytes\n" in PAGE


def test_every_option_is_described():
    described = set(re.findall(r"^\.It Fl (\w)", PAGE, re.MULTILINE))
    assert described == set(OPTIONS)


def test_variables_of_ours_are_described():
    for name in (LIMITS_VARIABLE, LISTEN_VARIABLE, "TOOLTALK_AUTH_LEVEL"):
        assert f".It Ev {name}\n" in PAGE
