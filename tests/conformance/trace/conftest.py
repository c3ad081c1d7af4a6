"""What the traces of both implementations are compared in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.process.conftest import OURS


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which neither library finds anything that is not the test's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS) or k.startswith("TT_REF")}
    return {**kept, "HOME": str(tmp_path), "TTAUTHORITY": str(tmp_path / "authority")}
