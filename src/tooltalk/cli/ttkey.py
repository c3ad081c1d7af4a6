"""ttkey: makes and keeps the keys of the level des. ttkey(1).

The exit status is 0, or 1 if nothing was done.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tooltalk import limits
from tooltalk.cli.console import Console, OutputLost, forget_output
from tooltalk.errors import Unavailable
from tooltalk.limits import Limits
from tooltalk.server.deskeys import Identity, known_keys, own_pairs
from tooltalk.wire import des, keyfile
from tooltalk.wire.diffie_hellman import KeyPair, hex_key, new_pair, public_key

PROGRAM: Final = "ttkey"

MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700


class Usage(Exception):
    """The command line makes no sense, or asks for help."""


class Refused(Exception):
    """Nothing was done; the text says why, and what to do."""


class Keys:
    """The user's file of secret keys. name: its file, allowed: bounds of what is read."""

    __slots__ = ("allowed", "console", "environ", "name", "pairs", "uid")

    def __init__(self, name: str | None, console: Console, allowed: Limits) -> None:
        self.console = console
        self.allowed = allowed
        self.environ = dict(os.environ)
        self.uid = os.geteuid()
        chosen = name or keyfile.private_file(self.environ)
        if chosen is None:
            raise Refused("no file of keys: give -f FILE, or set TOOLTALK_KEYS or HOME")
        self.name = chosen
        self.pairs = own_pairs(chosen, self.uid, allowed)

    def identity(self) -> Identity:
        """Who we are; raises Unavailable without a domain."""
        return Identity(self.environ, self.uid)

    def own(self) -> tuple[Identity, KeyPair]:
        """Who we are, and our pair; raises Refused if there is none."""
        identity = self.identity()
        pair = self.pairs.get(identity.name)
        if pair is None:
            raise Refused(f"{self.name} has no secret key of {identity}; make one with ttkey make")
        return identity, pair

    def add(self, identity: Identity, pair: KeyPair) -> None:
        """Store a pair of ours, and say so."""
        self._append(keyfile.private_line(identity.name, pair))
        self.console.result(f"{self.name}: {identity} {hex_key(pair.public)}")

    def _append(self, line: str) -> None:
        """Write beside the file and rename: nobody ever finds half of it, or one that others may read."""
        path = Path(self.name)
        new = path.with_name(f"{path.name}-n")
        try:
            path.parent.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
            old = path.read_bytes() if path.exists() else keyfile.HEADER.encode()
            new.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with open(os.open(new, flags, MODE), "wb") as file:
                file.write(old + os.fsencode(line))
            new.replace(path)
        except OSError as error:
            raise Refused(f"cannot write {self.name}: {error.strerror}") from None


def _make(keys: Keys) -> None:
    identity = keys.identity()
    if identity.name in keys.pairs:
        # Sessions that run with the old pair would refuse everybody who reads the new one.
        raise Refused(f"{keys.name} has keys of {identity} already; to make new ones remove their line")
    keys.add(identity, new_pair(os.urandom))


def _list(keys: Keys) -> None:
    for name, pair in keys.pairs.items():
        keys.console.result(f"{os.fsdecode(name)} {hex_key(pair.public)}")


def _export(keys: Keys) -> None:
    identity, pair = keys.own()
    encrypted = keyfile.encrypt_secret(pair.secret, _password(f"Password for the keys of {identity}: "))
    keys.console.write(os.fsencode(keyfile.format_public(identity.name, pair.public, encrypted)))


def _import(keys: Keys) -> None:
    identity = keys.identity()
    if identity.name in keys.pairs:
        raise Refused(f"{keys.name} has keys of {identity} already; to replace them remove their line")
    file = keyfile.public_file(keys.environ)
    line = known_keys(file, keys.uid, keys.allowed).get(identity.name)
    if line is None:
        raise Refused(f"{file} has no key of {identity} with 192 bits")
    secret = keyfile.decrypt_secret(line.encrypted, _password(f"Password for the keys of {identity}: "))
    if secret is None:
        raise Refused(f"the secret key of {identity} in {file} has another password, or is damaged")
    if public_key(secret) != line.public:
        raise Refused(f"the two keys of {identity} in {file} do not belong together")
    keys.add(identity, KeyPair(line.public, secret))


def _password(prompt: str) -> bytes:
    """From the terminal, else the first line of standard input."""
    if sys.stdin is not None and sys.stdin.isatty():
        try:
            password = os.fsencode(getpass.getpass(prompt))
        except EOFError:
            password = b""
    elif sys.stdin is not None:
        password = sys.stdin.buffer.readline().rstrip(b"\n")
    else:
        password = b""
    if not password:
        raise Refused("no password was given")
    return password


class Command(NamedTuple):
    """One command. text: what it does, for the help."""

    text: str
    do: Callable[[Keys], None]


COMMANDS: Final = {
    "make": Command("make a pair of keys for this user and store it", _make),
    "list": Command("print the names and public keys in the file", _list),
    "export": Command("print the line for /etc/publickey, the secret key under a password", _export),
    "import": Command("store the keys that /etc/publickey has of this user", _import),
}


def main(words: Sequence[str] | None = None) -> int:
    """Run ttkey; the exit status. words: the command line behind the program's name."""
    console = Console(PROGRAM)
    try:
        name, command = _read(list(sys.argv[1:] if words is None else words))
        des.require()
        command.do(Keys(name, console, _limits()))
        console.flush()
    except Usage:
        console.usage(usage())
        return 1
    except OutputLost as lost:
        if str(lost):
            console.error(f"standard output: {lost}")
        forget_output()
        return 1
    except (Refused, Unavailable) as refused:
        console.error(str(refused))
        return 1
    return 0


def _limits() -> Limits:
    try:
        return limits.parse(os.environ.get("TOOLTALK_LIMITS", ""))
    except ValueError as error:
        raise Refused(f"TOOLTALK_LIMITS: {error}") from None


def _read(words: list[str]) -> tuple[str | None, Command]:
    name = None
    if words[:1] == ["-f"] and len(words) > 1:
        name, words = words[1], words[2:]
    if len(words) != 1 or words[0] not in COMMANDS:
        raise Usage
    return name, COMMANDS[words[0]]


def usage() -> str:
    """The help."""
    lines = [f"    {name:8}{command.text}\n" for name, command in COMMANDS.items()]
    return f"Usage: {PROGRAM} [-f FILE] {' | '.join(COMMANDS)}\n\n{''.join(lines)}"


if __name__ == "__main__":
    sys.exit(main())
