"""Where a trace goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tooltalk.tracefile.sink import open_own_sink

pytestmark = pytest.mark.process


def test_a_line_that_comes_after_the_end_is_lost(tmp_path: Path) -> None:
    """A thread may still trace while another turns that off; another file may have the number by then."""
    sink = open_own_sink(str(tmp_path / "trace"), append=False, patience=1.0)
    sink.write("before\n")
    sink.close()
    with open(tmp_path / "other", "wb"):
        sink.write("after\n")
    assert (tmp_path / "trace").read_text() == "before\n"
    assert (tmp_path / "other").read_text() == ""
