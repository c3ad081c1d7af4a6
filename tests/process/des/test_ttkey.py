"""ttkey makes and keeps keys, and its manual page says how."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.process.des.desk import DOMAIN, ME, OTHER, PAIR, write_keys

from tooltalk.cli.ttkey import COMMANDS
from tooltalk.cli.ttsession import KEYS_VARIABLE
from tooltalk.limits import Limits
from tooltalk.wire import keyfile
from tooltalk.wire.diffie_hellman import hex_key

pytestmark = pytest.mark.process

COMMAND = [sys.executable, "-m", "tooltalk.cli.ttkey"]
MAN = Path(__file__).resolve().parents[3] / "man"


@pytest.fixture
def ttkey(tmp_path: Path):
    """Runs the program: status, standard output, standard error."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TOOLTALK_DOMAIN": DOMAIN}

    def run(*words: str, stdin: str = "", **changes: str) -> tuple[int, str, str]:
        ran = subprocess.run(
            [*COMMAND, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env={**environ, **changes},
            cwd=tmp_path,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    run.environ = environ  # type: ignore[attr-defined]
    return run


def test_make(ttkey, tmp_path):
    """The file is the user's alone, and holds a pair of the user's name."""
    status, out, err = ttkey("make")
    file = tmp_path / ".tt" / "keys"
    ((name, pair),) = keyfile.parse_private(file.read_text()).items()
    assert (status, err, name) == (0, "", ME)
    assert out == f"{file}: {ME.decode()} {hex_key(pair.public)}\n"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_keys_are_not_replaced(ttkey, tmp_path):
    file = write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})
    before = file.read_text()
    for words in (("make",), ("import",)):
        status, out, err = ttkey(*words)
        assert (status, out, "already" in err) == (1, "", True)
    assert file.read_text() == before


def test_other_lines_stay(ttkey, tmp_path):
    file = write_keys(tmp_path / "k", {b"unix.1@elsewhere": OTHER})
    file.write_text("# mine\n" + file.read_text())
    assert ttkey("-f", "k", "make")[0] == 0
    assert file.read_text().startswith("# mine\nunix.1@elsewhere ")
    assert ttkey("-f", "k", "list")[1].startswith(f"unix.1@elsewhere {hex_key(OTHER.public)}\n{ME.decode()} ")
    assert hex_key(OTHER.secret) not in ttkey("-f", "k", "list")[1]


def test_export_and_import(ttkey, tmp_path):
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})
    status, line, _ = ttkey("export", stdin="secret\n")
    assert (status, line.startswith(f"{ME.decode()} {hex_key(PAIR.public)}:")) == (0, True)
    (tmp_path / "p").write_text(line)
    status, _, err = ttkey("-f", "k", "import", stdin="wrong\n", TOOLTALK_PUBLICKEY="p")
    assert (status, "another password" in err) == (1, True)
    assert not (tmp_path / "k").exists()
    assert ttkey("-f", "k", "import", stdin="secret\n", TOOLTALK_PUBLICKEY="p")[0] == 0
    assert keyfile.parse_private((tmp_path / "k").read_text()) == {ME: PAIR}


def test_import_of_keys_that_do_not_fit(ttkey, tmp_path):
    encrypted = keyfile.encrypt_secret(PAIR.secret, b"secret")
    (tmp_path / "p").write_text(keyfile.format_public(ME, OTHER.public, encrypted))
    status, _, err = ttkey("import", stdin="secret\n", TOOLTALK_PUBLICKEY="p")
    assert (status, "belong together" in err) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export",), "ttkey make"),
        (("import",), "no key of"),
    ],
)
def test_nothing_there(ttkey, words, said):
    status, out, err = ttkey(*words, stdin="secret\n", TOOLTALK_PUBLICKEY="none")
    assert (status, out, said in err) == (1, "", True)


def test_no_password(ttkey, tmp_path):
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})
    status, out, err = ttkey("export")
    assert (status, out, "no password" in err) == (1, "", True)


def test_password_from_the_terminal(ttkey, tmp_path):
    """It is asked for and not shown."""
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(COMMAND[0], [*COMMAND, "export"], ttkey.environ)
    seen = b""
    while b": " not in seen:
        seen += os.read(master, 4096)
    os.write(master, b"secret\n")
    try:
        while data := os.read(master, 4096):
            seen += data
    except OSError:
        # The other end is closed.
        pass
    os.close(master)
    assert os.waitpid(pid, 0)[1] == 0
    assert b"secret" not in seen
    ((_, line),) = keyfile.parse_public(seen.decode().splitlines()[-1]).items()
    assert keyfile.decrypt_secret(line.encrypted, b"secret") == PAIR.secret


@pytest.mark.parametrize("words", [(), ("-h",), ("bogus",), ("make", "list"), ("-f",), ("-f", "k")])
def test_usage(ttkey, words):
    status, out, err = ttkey(*words)
    assert (status, out, err.startswith("Usage: ttkey")) == (1, "", True)


def test_files_that_are_not_trusted(ttkey, tmp_path):
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR}, 0o640)
    status, out, err = ttkey("list")
    assert (status, out, "chmod 600" in err) == (1, "", True)


def test_planted_link(ttkey, tmp_path):
    """02 section 16, CVE-2002-0678."""
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "k-n").symlink_to(target)
    assert ttkey("-f", "k", "make")[0] == 0
    assert target.read_text() == "mine"


def test_no_place(ttkey):
    status, _, err = ttkey("-f", "/nowhere/at/all", "make")
    assert (status, "cannot write /nowhere/at/all" in err) == (1, True)
    status, _, err = ttkey("make", TOOLTALK_LIMITS="key_file_bytes=none")
    assert (status, "key_file_bytes" in err) == (1, True)


@pytest.mark.parametrize("name", ["ttkey.1", "tt_publickey.5"])
def test_pages_are_sound(name):
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", MAN / name], capture_output=True, check=False)
    assert ran.stdout.decode() == ""


def test_every_command_is_described():
    page = (MAN / "ttkey.1").read_text()
    assert set(re.findall(r"^\.It Cm (\w+)$", page, re.MULTILINE)) == set(COMMANDS)
    assert "key_file_bytes" in page and hasattr(Limits, "key_file_bytes")


def test_variables_are_described():
    page = (MAN / "tt_publickey.5").read_text()
    for name in ("TOOLTALK_DOMAIN", keyfile.PRIVATE_VARIABLE, keyfile.PUBLIC_VARIABLE):
        assert f".It Ev {name}\n" in page
    assert KEYS_VARIABLE == keyfile.PRIVATE_VARIABLE


def test_reader_that_goes_away(ttkey, tmp_path):
    write_keys(tmp_path / ".tt" / "keys", {ME: PAIR})
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [*COMMAND, "list"], stdout=writer, stderr=subprocess.PIPE, env=ttkey.environ, check=False
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (1, b"")
