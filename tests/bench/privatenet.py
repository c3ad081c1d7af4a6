"""A network and a rpcbind of the measurement's own, gone when it ends.

Programs of the C library find their server through rpcbind. Few machines run one, and none should be
filled with our registrations, so the measurement starts itself again in namespaces where it may do as it
likes. Where the system does not let it, rpcbind of the machine serves, or the C programs are left out.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

INSIDE: Final = "TT_BENCH_INSIDE"
"""Environment variable of the second start."""

MAPPER: Final = ("127.0.0.1", 111)
PATIENCE: Final = 10.0

_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP_RUNNING: Final = 0x41


def answers() -> bool:
    """Whether a rpcbind answers here."""
    try:
        socket.create_connection(MAPPER, 1).close()
    except OSError:
        return False
    return True


def start_again_inside(module: str) -> None:
    """Replace this process, a run of ``module``, by one in namespaces of its own.

    Returns if that cannot be had.
    """
    if INSIDE in os.environ or _program("rpcbind") is None or not _may_unshare():
        return
    words = ["unshare", *_namespaces(), sys.executable, "-m", module, *sys.argv[1:]]
    os.execvpe(words[0], words, {**os.environ, INSIDE: "1"})


def furnish() -> subprocess.Popen[bytes] | None:
    """Inside: bring up the loopback interface and start rpcbind; the process to end.

    None outside, and where rpcbind does not start: it gives up without the user it wants to be, whom a user
    namespace of ours has not.
    """
    if INSIDE not in os.environ:
        return None
    _loopback_up()
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for directory in ("/run/rpcbind", "/run/lock"):
        Path(directory).mkdir()
    # The C server asks for the address of its host by name; here all names of ours are the loopback.
    hosts = Path("/run/hosts")
    hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
    _mount("--bind", str(hosts), "/etc/hosts")
    return _start_rpcbind()


def _start_rpcbind() -> subprocess.Popen[bytes] | None:
    program = _program("rpcbind")
    assert program is not None
    process = subprocess.Popen([program, "-f"], stdin=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    while not answers():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            process.wait()
            return None
        time.sleep(0.01)
    return process


def _namespaces() -> list[str]:
    options = ["--net", "--mount"]
    return options if os.geteuid() == 0 else ["--user", "--map-root-user", *options]


def _may_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    trial = subprocess.run(["unshare", *_namespaces(), "true"], stderr=subprocess.DEVNULL, check=False)
    return trial.returncode == 0


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP_RUNNING))


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
