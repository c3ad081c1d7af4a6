"""Options, what they print, and the exit status."""

from __future__ import annotations

import subprocess

import pytest
from tests.process.conftest import TTSESSION, changed

from tooltalk.names import SessionAddress

pytestmark = pytest.mark.process


def test_version(ttsession):
    """02-1: two lines on standard output, also behind -p, and no session."""
    for options in (["-v"], ["-p", "-v"], ["-spv"]):
        done = ttsession(*options)
        first, second = done.stdout.splitlines()
        number = first.removeprefix("ttsession version: ")
        assert number not in ("", first)
        assert second == f"ToolTalk library version: {number}"
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "options",
    [["-h"], ["-s", "-h"], ["-z"], ["-a"], ["-d"], ["-p", "-a", "bogus"], ["-p", "-z", "-v"], ["-cfoo", "x"]],
)
def test_usage(ttsession, options):
    """02-2: on standard error, status 1; -s does not silence it."""
    done = ttsession(*options)
    assert (done.returncode, done.stdout) == (1, "")
    prefix, usage = done.stderr.split("\n")[:2]
    assert prefix.startswith("ttsession[") and prefix.endswith("]: ")
    assert usage.startswith("Usage: ttsession [-a cookie|unix|des]")
    for option in ("-c", "-p", "-d display", "-a", "-s", "-S", "-N", "-t", "-X", "-v", "-h"):
        assert f"\n  {option}" in done.stderr


def test_no_scope(ttsession):
    """02-2: neither an option nor DISPLAY: status 1, and -c, -p and -d are named."""
    done = ttsession()
    assert (done.returncode, done.stdout) == (1, "")
    assert "-c" in done.stderr and "-p" in done.stderr and "DISPLAY" in done.stderr


def test_scope_is_checked_before_the_level(ttsession):
    """02 section 2.1, -a."""
    assert "Usage" not in ttsession("-a", "bogus").stderr


def test_silent(ttsession):
    """02 section 2.1, -s: no diagnostics."""
    assert ttsession("-s").stderr == ""
    assert ttsession("-s", "-c", "sh", "-c", "kill -9 $$").stderr == ""


@pytest.mark.parametrize(("word", "number"), [("unix", 0), ("cookie", 1), ("none", 3)])
def test_level(serve, word, number):
    """02-3 (des aside): by option and by variable, the option wins."""
    assert serve("-a", word).where.auth_level == number
    assert serve(TOOLTALK_AUTH_LEVEL=word).where.auth_level == number
    assert serve("-a", word, TOOLTALK_AUTH_LEVEL="none").where.auth_level == number
    assert serve("-a", "none", "-a", word).where.auth_level == number


def test_level_of_the_environment(ttsession):
    """02-3: an empty or unknown variable is an error like a bad option; without any it is cookie."""
    for word in ("", "Cookie", "bogus"):
        done = ttsession("-p", TOOLTALK_AUTH_LEVEL=word)
        assert done.returncode == 1
        assert "Usage" in done.stderr


def test_level_none_is_warned_of(serve):
    """02 section 16, CVE-1999-0687."""
    assert "-a cookie" in serve("-a", "none").wait_for("level none")


def test_des_is_refused_in_a_sentence(ttsession):
    """01 section 5.1: rather than run unprotected, where the user has no keys."""
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN="example.com")
    assert done.returncode == 1
    assert "ttkey make" in done.stderr and "Usage" not in done.stderr


def test_last_kind_wins(ttsession):
    """02 section 1: -c and a -p behind -d make it a process tree."""
    assert ttsession("-d", ":78", "-c", "true").returncode == 0
    assert ttsession("-d", ":78", "-S", "-p", "-c", "true").returncode == 0


def test_engine_is_refused_in_a_sentence(ttsession):
    """02 section 2.4: -E is legal; the last of -E and -X wins."""
    done = ttsession("-p", "-E")
    assert done.returncode == 1
    assert "Classing Engine" in done.stderr and "Usage" not in done.stderr
    assert ttsession("-E", "-X", "-c", "true").returncode == 0


def test_queue_limit_is_accepted(ttsession):
    """02 section 2.1, -A."""
    assert ttsession("-A", "7", "-c", "true").returncode == 0
    assert ttsession("-A", "-c", "true").returncode == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [("nonsense=1", "not the name of a limit"), ("clients=x", "not a number"), ("clients=0", "at least 1")],
)
def test_bad_limits(ttsession, text, said):
    done = ttsession("-p", TOOLTALK_LIMITS=text)
    assert done.returncode == 1
    assert "TOOLTALK_LIMITS" in done.stderr and said in done.stderr


@pytest.mark.parametrize(
    ("address", "why"),
    [("192.0.2.1", "Cannot assign"), ("localhost", "not four numbers"), ("1.2.3.999", "not four numbers")],
)
def test_bad_address_to_listen_at(ttsession, address, why):
    done = ttsession("-p", TOOLTALK_LISTEN=address)
    assert done.returncode == 1
    assert f"{address}: {why}" in done.stderr


def test_listening_at_another_address(serve):
    """02 section 16, binding: the host field follows."""
    assert serve(TOOLTALK_LISTEN="127.0.0.2").where.host == "127.0.0.2"
    anywhere = serve(TOOLTALK_LISTEN="0.0.0.0")
    assert SessionAddress.parse(anywhere.address).host != "0.0.0.0"


def test_console_script(environment):
    """What ``pip install`` puts on PATH is the same program."""
    done = subprocess.run(
        ["ttsession", "-v"], capture_output=True, text=True, env=changed(environment), check=True
    )
    same = subprocess.run([*TTSESSION, "-v"], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == same.stdout
