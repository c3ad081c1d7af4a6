"""The computed example of AUTH_DES, byte by byte (spec 02 section 9.6)."""

from __future__ import annotations

from tests.pure.des.stage import CLIENT_SECRET, COMMON, NAME, NOW, SERVER_SECRET, fixed

from tooltalk.wire import authdes, des
from tooltalk.wire import diffie_hellman as dh
from tooltalk.wire.authdes_client import ClientConversation
from tooltalk.wire.authdes_server import Conversations, Partner
from tooltalk.wire.credentials import Auth

KEY = bytes.fromhex("08da6202d9a14f15")
CONVERSATION = bytes.fromhex("0123456789abcdef")
CREDENTIAL = bytes.fromhex(
    "00000000 00000015 756e69782e31303030406578616d706c652e636f6d 000000 40914d9578ac573e b4f345d4"
)
VERIFIER = bytes.fromhex("06a72af960486069 a06b1145")
ANSWER = bytes.fromhex("11f7ee4a651dfb7f 00000005")
NEXT = 1_700_000_001_000_005


def test_keys() -> None:
    """02-29."""
    assert dh.hex_key(dh.public_key(CLIENT_SECRET)) == "393f0db197d54da7633b39de70f24d17c14f068cd693cf26"
    assert dh.hex_key(dh.public_key(SERVER_SECRET)) == "851c4d2739d446264004318beccfe1a7f250eb0d350f4f09"
    assert COMMON.hex() == "583327a17e57e3f6154fa1d90263da09722f0c9e1141f396"
    assert dh.common_key(SERVER_SECRET, dh.public_key(CLIENT_SECRET)) == COMMON
    assert dh.des_key(COMMON) == KEY


def test_conversation_key() -> None:
    """02-29."""
    assert des.encrypt(KEY, CONVERSATION).hex() == "40914d9578ac573e"
    assert des.decrypt(KEY, bytes.fromhex("40914d9578ac573e")) == CONVERSATION


def test_client_calls() -> None:
    """02-29: full name, answer, nickname."""
    client = ClientConversation(NAME, KEY, fixed(CONVERSATION))
    first = client.credential_for_call(NOW)
    assert (first.credential.flavor, first.credential.body) == (3, CREDENTIAL)
    assert (first.verifier.flavor, first.verifier.body) == (3, VERIFIER)
    assert client.accept_reply_verifier(Auth(3, ANSWER), first.ticket)
    second = client.credential_for_call(NEXT)
    assert second.credential.body.hex() == "0000000100000005"
    assert second.verifier.body.hex() == "5d390491b909ea3b00000000"


def test_server_answers() -> None:
    """02-29: the sixth conversation has the nickname 5."""
    server = Conversations(lambda name: Partner((KEY,)))
    for number in range(5):
        other = ClientConversation(NAME, KEY, fixed(bytes([2 * number]) * 8)).credential_for_call(NOW)
        assert isinstance(server.judge(other.credential, other.verifier, NOW), Auth)
    answer = server.judge(Auth(3, CREDENTIAL), Auth(3, VERIFIER), NOW)
    assert isinstance(answer, Auth)
    assert (answer.flavor, answer.body) == (3, ANSWER)
    nickname = Auth(3, bytes.fromhex("0000000100000005"))
    again = server.judge(nickname, Auth(3, bytes.fromhex("5d390491b909ea3b00000000")), NEXT)
    assert isinstance(again, Auth)
    assert again.body[-4:] == ANSWER[-4:]


def test_fields() -> None:
    """02-29."""
    name = authdes.FullName(NAME, bytes.fromhex("40914d9578ac573e"), bytes.fromhex("b4f345d4"))
    assert authdes.read_credential(CREDENTIAL) == name
    opened = authdes.open_full(CONVERSATION, name.window, VERIFIER)
    assert opened == ((1_700_000_000, 123_456), 60, True)
    assert authdes.open_time(CONVERSATION, ANSWER) == (1_699_999_999, 123_456)
