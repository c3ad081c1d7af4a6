"""Readiness: what systemd, s6 and the file of the address are told."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator

import pytest
from tests.process.conftest import TTSESSION, changed
from tests.process.peer import PATIENCE

from tooltalk.names import SessionAddress

pytestmark = pytest.mark.process


@pytest.fixture
def manager(home) -> Iterator[socket.socket]:
    """The socket of a service manager, at ``notify`` in the home of the test."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.bind(str(home / "notify"))
        yield sock


def heard(manager: socket.socket) -> dict[str, str]:
    """The next datagram, as assignments."""
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))


def test_systemd(serve, manager, home):
    """READY with the address when clients can come, STOPPING at the end."""
    server = serve(NOTIFY_SOCKET=str(home / "notify"))
    said = heard(manager)
    assert said == {"READY": "1", "STATUS": f"Serving {server.address}", "MAINPID": str(server.pid)}
    server.process.terminate()
    assert heard(manager)["STOPPING"] == "1"
    assert server.ended() == 1


def test_systemd_hears_of_the_server_in_the_background(background, manager, home):
    address = background(NOTIFY_SOCKET=str(home / "notify"))
    assert heard(manager)["MAINPID"] == str(SessionAddress.parse(address).pid)


def test_abstract_socket(serve):
    name = f"tooltalk-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.bind(f"\0{name}")
        serve(NOTIFY_SOCKET=f"@{name}")
        assert heard(sock)["READY"] == "1"


def test_a_failed_start_is_not_ready(ttsession, manager, home):
    done = ttsession("-S", "-d", "nonsense", NOTIFY_SOCKET=str(home / "notify"))
    assert done.returncode == 1
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


def test_a_manager_that_is_gone_costs_a_line(serve, home):
    server = serve(NOTIFY_SOCKET=str(home / "nobody"))
    assert "NOTIFY_SOCKET" in server.wait_for("service manager")
    server.process.terminate()
    assert server.ended() == 1
    assert server.said.count("NOTIFY_SOCKET") == 1


def test_a_manager_that_does_not_read_is_not_waited_for(serve, manager, home):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
        filler.setblocking(False)
        filler.connect(str(home / "notify"))
        with pytest.raises(BlockingIOError):
            while True:
                filler.send(b"X=1")
    server = serve(NOTIFY_SOCKET=str(home / "notify"), TOOLTALK_LIMITS="notify_seconds=1")
    server.wait_for("NOTIFY_SOCKET: the service manager cannot be told")


def test_descriptor(environment, home):
    """s6: a newline when ready, then the end, though the server runs on."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*TTSESSION, "-S", "-p"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=changed(environment, TOOLTALK_READY_FD=str(writer)),
        cwd=home,
        pass_fds=[writer],
    )
    os.close(writer)
    try:
        said = b""
        while select.select([reader], [], [], PATIENCE)[0] and (piece := os.read(reader, 100)):
            said += piece
        assert said == b"\n"
        assert process.poll() is None
    finally:
        os.close(reader)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("word", ["x", "-1", "0", "1", "2", "99", "99999999999999999999", "\u0663"])
def test_bad_descriptor(ttsession, word):
    done = ttsession("-p", TOOLTALK_READY_FD=word)
    assert (done.returncode, done.stdout) == (1, "")
    assert "TOOLTALK_READY_FD" in done.stderr and "unset it" in done.stderr


def test_address_file(serve, home):
    """All of it or nothing, for its user only, and gone with the server."""
    file = home / "address"
    file.symlink_to(home / "target")
    server = serve(TOOLTALK_ADDRESS_FILE=str(file))
    assert file.read_text() == f"{server.address}\n"
    assert not file.is_symlink() and not (home / "target").exists()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in home.glob("address*")] == ["address"]
    server.process.terminate()
    server.ended()
    assert not file.exists()


def test_the_address_file_of_another_server_stays(serve, home):
    file = home / "address"
    first = serve(TOOLTALK_ADDRESS_FILE=str(file))
    second = serve(TOOLTALK_ADDRESS_FILE=str(file))
    first.process.terminate()
    first.ended()
    assert file.read_text() == f"{second.address}\n"


def test_address_file_that_cannot_be_written(ttsession, home):
    done = ttsession("-p", TOOLTALK_ADDRESS_FILE=str(home / "no" / "address"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot be written to {home}/no/address: No such file or directory" in done.stderr


def test_the_command_gets_none_of_it(ttsession, home):
    done = ttsession(
        "-c", "env", NOTIFY_SOCKET=str(home / "nobody"), TOOLTALK_ADDRESS_FILE=str(home / "address")
    )
    assert "TT_SESSION=" in done.stdout
    assert "NOTIFY_SOCKET" not in done.stdout and "TOOLTALK_ADDRESS_FILE" not in done.stdout
