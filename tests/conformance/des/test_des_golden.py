"""AUTH_DES against recorded bytes of the C library's client, server and key tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tooltalk.wire import authdes, des, keyfile, netname
from tooltalk.wire.authdes_client import ClientConversation
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.credentials import Auth

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "des"
SKEW = 100_000
"""Microseconds between the time in a recorded call and its ``at``, at most."""


def load(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


CLIENT, SERVER, KEYS = load("client"), load("server"), load("keys")


def auth(hexed: str, flavor: int = 3) -> Auth:
    return Auth(flavor, bytes.fromhex(hexed))


def test_calls_of_the_c_client_are_let_in() -> None:
    """02-29: and our answers are those it accepted."""
    key = bytes.fromhex(CLIENT["des_key"])
    name = netname.name_of(CLIENT["uid"], CLIENT["host"], CLIENT["domain"])
    server = Conversations({name: Partner((key,))}.get)
    for call in CLIENT["calls"]:
        answer = server.judge(auth(call["credential"]), auth(call["verifier"]), call["at"])
        assert isinstance(answer, Auth)
        assert (answer.body.hex() == call["answer"]) is call["accepted"]


def test_our_client_takes_and_refuses_the_same_answers() -> None:
    """02-29: our client, at the same times, sends the same bytes."""
    key, conversation = bytes.fromhex(CLIENT["des_key"]), bytes.fromhex(CLIENT["conversation_key"])
    name = CLIENT["netname"].encode()
    client = ClientConversation(name, key, lambda size: conversation, CLIENT["window"])
    for call in CLIENT["calls"]:
        mine = client.credential_for_call(_time(call))
        assert mine.credential.body.hex() == call["credential"]
        assert mine.verifier.body.hex() == call["verifier"]
        answer = auth(call["answer"], call["answer_flavor"])
        assert client.accept_reply_verifier(answer, mine.ticket) is call["accepted"]


def _time(call: dict[str, Any]) -> int:
    """The time in a recorded call, in microseconds."""
    key = bytes.fromhex(CLIENT["conversation_key"])
    claim = authdes.read_credential(bytes.fromhex(call["credential"]))
    verifier = bytes.fromhex(call["verifier"])
    if isinstance(claim, authdes.FullName):
        opened = authdes.open_full(key, claim.window, verifier)
        assert (opened.window, opened.genuine) == (CLIENT["window"], True)
        time = opened.time
    else:
        time = authdes.open_time(key, verifier)
    moment = time[0] * authdes.MICROSECONDS + time[1]
    assert 0 <= call["at"] - moment < SKEW
    return moment


def test_our_server_answers_as_the_c_server() -> None:
    """02-29: each refusal has the code that it has there."""
    key = bytes.fromhex(SERVER["des_key"])
    server = Conversations({SERVER["name"].encode(): Partner((key,))}.get)
    theirs, ours = SERVER["calls"][0]["answer"][-8:], ""
    for call in SERVER["calls"]:
        credential = call["credential"]
        if credential == f"00000001{theirs}":
            credential = f"00000001{ours}"
        answer = server.judge(auth(credential), auth(call["verifier"]), call["at"])
        if isinstance(answer, Auth):
            ours = answer.body[-4:].hex()
            assert answer.body.hex() == call["answer"][:-8] + ours, call["what"]
        else:
            assert answer == call.get("auth_stat"), call["what"]


def test_our_client_takes_the_answers_of_the_c_server() -> None:
    """02-29: its nicknames are sent back as they came."""
    key = bytes.fromhex(SERVER["des_key"])
    conversation = des.decrypt(key, bytes.fromhex(SERVER["calls"][0]["credential"])[-12:-4])
    client = ClientConversation(SERVER["name"].encode(), key, lambda size: conversation)
    first, second = SERVER["calls"][0], next(c for c in SERVER["calls"] if c["what"] == "a nickname")
    for call in (first, second):
        seconds, microseconds = authdes.open_time(conversation, bytes.fromhex(call["answer"]))
        mine = client.credential_for_call((seconds + 1) * authdes.MICROSECONDS + microseconds)
        assert (mine.credential.body.hex(), mine.verifier.body.hex()) == (
            call["credential"],
            call["verifier"],
        )
        assert client.accept_reply_verifier(auth(call["answer"]), mine.ticket)


@pytest.mark.parametrize("sample", KEYS["passwords"], ids=lambda sample: sample["password"] or "empty")
def test_secrets_under_passwords(sample: dict[str, str]) -> None:
    password, secret = bytes.fromhex(sample["password"]), int(sample["secret"], 16)
    if len(password) <= 8:
        assert keyfile.encrypt_secret(secret, password) == sample["encrypted"]
    assert keyfile.decrypt_secret(sample["encrypted"], password) == secret


@pytest.mark.parametrize(("key", "expected"), KEYS["parity"])
def test_parity_as_the_c_library_makes_it(key: str, expected: str) -> None:
    assert des.sun_parity(bytes.fromhex(key)).hex() == expected
