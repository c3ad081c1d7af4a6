"""The C toolkit, where there is one, still does what was recorded, and works with ours in one session.

Everything runs in a session of the C server, in a network of its own with its own rpcbind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.process.desktop.conftest import golden, plain
from tests.process.peer import PATIENCE

pytestmark = [pytest.mark.reference, pytest.mark.process]

HERE = Path(__file__).parent
NETWORK = """
mount -t tmpfs tmpfs /run && ip link set lo up && rpcbind || exit 1
echo "127.0.0.1 localhost $(hostname)" >/run/hosts && mount --bind /run/hosts /etc/hosts || exit 1
exec "$@"
"""


def in_c_session(tmp_path: Path, script: str, *args: str) -> Any:
    """What a script prints last, run as the command of a C session."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "TT_SESSION")}
    environment |= {"TTAUTHORITY": str(tmp_path / "authority"), "HOME": str(tmp_path)}
    private = ("unshare", "-n", "-m", "-p", "--fork", "--kill-child", "sh", "-c", NETWORK, "sh")
    command = (os.environ["TT_REF_SESSION"], "-c", sys.executable, str(HERE / script), *args)
    done = subprocess.run(
        [*private, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=3 * PATIENCE,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_facts_are_as_recorded_08_4_08_7_08_9(tmp_path: Path) -> None:
    """08-4, 08-5, 08-6, 08-7, 08-9: patterns and messages."""
    facts = in_c_session(tmp_path, "toolkit_facts.py")
    patterns = {name: [plain(each) for each in group] for name, group in facts["patterns"].items()}
    assert patterns == golden("patterns")
    assert {name: plain(text) for name, text in facts["messages"].items()} == golden("messages")


def test_answers_are_as_recorded_08_13_08_14(tmp_path: Path) -> None:
    """08-13, 08-14, 08-15: how requests to a C tool end."""
    recorded = golden("answers")
    requests = [
        {key: request[key] for key in request if key not in ("state", "status", "values")}
        for request in recorded
    ]
    (tmp_path / "requests.json").write_text(json.dumps(requests))
    answered = in_c_session(tmp_path, "toolkit_answers.py", str(tmp_path / "requests.json"))
    for request, wanted in zip(answered, recorded, strict=True):
        if "*" in wanted["values"]:
            request["values"] = ["*" if value else value for value in request["values"]]
    assert answered == recorded


WORKED = [
    ["Status", "Accepting request", "editor", "vendor", "1.0"],
    [37, "half", 1, 0],
]
"""What whoever gave the document away hears before the end."""


def test_a_c_tool_gives_us_a_document_08_10_08_11(tmp_path: Path) -> None:
    """08-11: Status and Deposit of ours are understood, and so is the reply."""
    heard = in_c_session(tmp_path, "toolkit_asker.py", sys.executable, str(HERE / "our_worker.py"))
    assert heard == [*WORKED, [39, "new bytes", 2, 0]]


def test_we_give_a_c_tool_a_document_08_9_08_10(tmp_path: Path) -> None:
    """08-9, 08-10: Status and Deposit of the C toolkit reach our callbacks, and so does the reply."""
    heard = in_c_session(tmp_path, "our_asker.py", sys.executable, str(HERE / "toolkit_worker.py"))
    assert heard == [*WORKED, [39, "new\0bytes", 2, 0]]
