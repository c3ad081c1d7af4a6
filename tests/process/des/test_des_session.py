"""A session of level des: who comes in, who does not, and what its answers carry."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.process.des.desk import (
    DOMAIN,
    ME,
    OK,
    OTHER,
    PAIR,
    DesCaller,
    Serve,
    conversation,
    now,
    verdict,
    write_keys,
)

from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire import keyfile
from tooltalk.wire.credentials import NO_AUTH, Auth, AuthFlavor, UnixCredential
from tooltalk.wire.procedures import PROCEDURES, Proc
from tooltalk.wire.rpc import AcceptStat, AuthStat

pytestmark = pytest.mark.process

STRANGER = b"unix.4242@example.com"
ABROAD = b"unix.4242@example.org"


@pytest.fixture
def session(serve: Serve, home: Path) -> Serve:
    """Starts a session of level des, whose user has keys."""
    write_keys(home / ".tt" / "keys", {ME: PAIR})

    def start(*options: str, **changes: str | None):
        return serve("-a", "des", *options, **{"TOOLTALK_DOMAIN": DOMAIN, **changes})

    return start


def test_calls(session):
    """02-3, 02-29: level 2; by name, by nickname; every answer carries the server's verifier."""
    server = session()
    assert server.where.auth_level == 2
    caller = DesCaller(server.tcp())
    for _ in range(3):
        reply = caller.ask()
        row = PROCEDURES[Proc.VRFY_SESSION]
        assert row.decode_result(reply.data, reply.pos, 4).decode() == f"P {server.address}"


def test_answers_without_a_result_carry_it_too(session):
    caller = DesCaller(session().tcp())
    assert caller.ask(12345).accept_stat == AcceptStat.PROC_UNAVAIL
    assert caller.ask(Proc.CLOSE_PROCID, b"\0").accept_stat == AcceptStat.GARBAGE_ARGS
    assert caller.ask(Proc.NULLPROC).accept_stat == AcceptStat.SUCCESS


def test_other_credentials(session):
    """02-25, 01-9: the column des of the table, one connection, judged afresh each time."""
    caller = DesCaller(session().tcp())
    me = UnixCredential(os.geteuid(), os.getegid(), machine=b"here").auth()
    expected = {
        NO_AUTH: AuthStat.TOOWEAK,
        me: AuthStat.TOOWEAK,
        UnixCredential(os.geteuid() + 1, 0, machine=b"here").auth(): AuthStat.TOOWEAK,
        Auth(AuthFlavor.SYS, b"\0\0\0\1"): AuthStat.BADCRED,
        Auth(AuthFlavor.SHORT, b"abcd"): AuthStat.REJECTEDCRED,
        Auth(AuthFlavor.DES, b"abcd"): AuthStat.BADCRED,
        Auth(AuthFlavor.GSS, b"abcd"): AuthStat.BADCRED,
        Auth(77, b"abcd"): AuthStat.REJECTEDCRED,
    }
    for procedure in (Proc.VRFY_SESSION, Proc.NULLPROC):
        for credential, stat in expected.items():
            assert verdict(caller.send(credential, NO_AUTH, procedure)) == stat, credential
    assert caller.verdict() == OK


def test_no_effect_without_credentials(session):
    """02 section 16, CVE-1999-0687: also of one-way calls."""
    server = session()
    tool = server.tool()
    tool.observe()
    args = PROCEDURES[Proc.DISPATCH_2].encode_args(tool.message(), 4)
    caller = DesCaller(server.tcp(), conversation(secret=OTHER.secret))
    for procedure in (Proc.DISPATCH_2, Proc.DISPATCH, Proc.LOAD_TYPES):
        call = caller.client.credential_for_call(now())
        for credential, verifier in ((NO_AUTH, NO_AUTH), (call.credential, call.verifier)):
            assert verdict(caller.send(credential, verifier, procedure, args)) != OK
    tool.caller.sync()
    assert not tool.signalled()


def test_replay(session):
    """02-29: REJECTEDCRED by name, REJECTEDVERF by nickname, on any connection."""
    server = session()
    caller, thief = DesCaller(server.tcp()), DesCaller(server.tcp())
    call = caller.client.credential_for_call(now())
    reply = caller.send(call.credential, call.verifier)
    assert caller.client.accept_reply_verifier(reply.verifier, call.ticket)
    assert thief.verdict(call) == AuthStat.REJECTEDCRED
    call = caller.client.credential_for_call(now())
    assert caller.verdict(call) == OK
    assert thief.verdict(call) == AuthStat.REJECTEDVERF
    assert caller.verdict() == OK


def test_old_call(session):
    """02-29."""
    caller = DesCaller(session().tcp())
    assert caller.verdict(caller.client.credential_for_call(now() - 61_000_000)) == AuthStat.BADCRED


def test_who_else_there_is(session, home):
    """02-29: another user is TOOWEAK, an account that cannot be or is unknown BADCRED."""
    public = home / "publickey"
    lines = [keyfile.format_public(name, OTHER.public, "") for name in (STRANGER, ABROAD)]
    public.write_text("".join(lines))
    server = session(TOOLTALK_PUBLICKEY=str(public))
    found = {
        name: DesCaller(server.tcp(), conversation(name, OTHER.secret)).verdict()
        for name in (STRANGER, ABROAD, b"unix.4243@example.com")
    }
    assert found == {
        STRANGER: AuthStat.TOOWEAK,
        ABROAD: AuthStat.BADCRED,
        b"unix.4243@example.com": AuthStat.BADCRED,
    }
    assert DesCaller(server.tcp(), conversation(secret=OTHER.secret)).verdict() == AuthStat.BADCRED
    assert DesCaller(server.tcp()).verdict() == OK


def test_caller_with_a_key_server(session):
    """Key servers lose a bit of each byte of the common key."""
    assert DesCaller(session().tcp(), conversation(key=dh.sun_des_key)).verdict() == OK


def test_local_socket(session):
    """DESIGN section 3: without credentials; one that is there has to be right."""
    server = session()
    server.caller().sync()
    assert DesCaller(server.caller()).verdict() == OK
    wrong = conversation(secret=OTHER.secret)
    assert DesCaller(server.caller(), wrong).verdict() == AuthStat.BADCRED


def test_silent_callers_are_still_dropped(session):
    """02 section 16: who is refused counts as silent."""
    server = session(TOOLTALK_LIMITS="idle_seconds=3")
    caller = DesCaller(server.tcp(), conversation(secret=OTHER.secret))
    assert caller.verdict() == AuthStat.BADCRED
    assert caller.caller.hung_up()


def test_keys_of_the_option(session, home):
    """-k goes before the variable, which goes before the usual place."""
    (home / ".tt" / "keys").unlink()
    mine = write_keys(home / "mine", {ME: PAIR})
    wrong = write_keys(home / "wrong", {ME: OTHER})
    assert DesCaller(session(TOOLTALK_KEYS=str(mine)).tcp()).verdict() == OK
    server = session("-k", str(mine), TOOLTALK_KEYS=str(wrong))
    assert DesCaller(server.tcp()).verdict() == OK


def test_what_is_started_has_the_same_keys(ttsession, home):
    """Wherever it is: the name is made absolute."""
    write_keys(home / "mine", {ME: PAIR})
    done = ttsession(
        "-a", "des", "-k", "mine", "-c", "sh", "-c", "cd / && wc -l $TOOLTALK_KEYS", TOOLTALK_DOMAIN=DOMAIN
    )
    assert (done.returncode, done.stdout) == (0, f"1 {home}/mine\n")


# What a session of level des does not start without


@pytest.mark.parametrize("options", [("-p",), ("-S", "-p"), ("-c", "true")])
def test_no_keys(ttsession, options):
    """01 section 5.1: refused in a sentence, rather than run unprotected."""
    done = ttsession("-a", "des", *options, TOOLTALK_DOMAIN=DOMAIN)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ttkey make" in done.stderr
    assert ME.decode() in done.stderr


def test_no_domain(ttsession, home):
    """02 section 9.6."""
    write_keys(home / ".tt" / "keys", {ME: PAIR})
    with open("/proc/sys/kernel/domainname", encoding="ascii") as file:
        if file.read().strip() != "(none)":
            return
    done = ttsession("-p", "-a", "des")
    assert (done.returncode, done.stdout) == (1, "")
    assert "TOOLTALK_DOMAIN" in done.stderr


@pytest.mark.parametrize("domain", ["a b", "x" * 250])
def test_impossible_domain(ttsession, domain):
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=domain)
    assert (done.returncode, done.stdout) == (1, "")
    assert "TOOLTALK_DOMAIN" in done.stderr


def test_no_place_for_keys(ttsession):
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN, HOME=None)
    assert (done.returncode, "-k FILE" in done.stderr) == (1, True)


def test_keys_that_others_can_read(ttsession, home):
    write_keys(home / ".tt" / "keys", {ME: PAIR}, 0o644)
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN)
    assert (done.returncode, "chmod 600" in done.stderr) == (1, True)


@pytest.mark.parametrize("made", ["pipe", "directory"])
def test_keys_that_are_no_file(ttsession, home, made):
    """Nothing waits for the other end of a pipe."""
    place = home / made
    os.mkfifo(place, 0o600) if made == "pipe" else place.mkdir(0o700)
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN, TOOLTALK_KEYS=str(place))
    assert (done.returncode, done.stdout) == (1, "")
    assert str(place) in done.stderr


def test_keys_that_are_none(ttsession, home):
    file = write_keys(home / ".tt" / "keys", {ME: PAIR})
    file.write_text(file.read_text() + "rubbish\n")
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN)
    assert (done.returncode, "line 2" in done.stderr) == (1, True)


def test_too_many_keys(ttsession, home):
    write_keys(home / ".tt" / "keys", {ME: PAIR})
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN, TOOLTALK_LIMITS="key_file_bytes=100")
    assert (done.returncode, "key_file_bytes" in done.stderr) == (1, True)


def test_public_keys_that_others_can_write(ttsession, home):
    write_keys(home / ".tt" / "keys", {ME: PAIR})
    public = home / "publickey"
    public.touch()
    public.chmod(0o666)
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN, TOOLTALK_PUBLICKEY=str(public))
    assert (done.returncode, "others can write" in done.stderr) == (1, True)


def test_no_cipher(ttsession, home):
    """One sentence that says which package to install."""
    write_keys(home / ".tt" / "keys", {ME: PAIR})
    (home / "shadow" / "Crypto").mkdir(parents=True)
    (home / "shadow" / "Crypto" / "__init__.py").write_text("raise ImportError\n")
    done = ttsession("-p", "-a", "des", TOOLTALK_DOMAIN=DOMAIN, PYTHONPATH=str(home / "shadow"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "pycryptodome" in done.stderr
    assert "tooltalk[des]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_levels_need_no_cipher(serve, home):
    (home / "shadow" / "Crypto").mkdir(parents=True)
    (home / "shadow" / "Crypto" / "__init__.py").write_text("raise ImportError\n")
    serve("-a", "unix", PYTHONPATH=str(home / "shadow")).caller().sync()
