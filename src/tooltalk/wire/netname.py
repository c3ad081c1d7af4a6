"""Network names, by which AUTH_DES knows users and hosts (RFC 2695, spec 02 section 9.6).

``unix.<uid>@<domain>`` is a user, ``unix.<host>@<domain>`` the superuser of a host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 255
DOMAIN_VARIABLE: Final = "TOOLTALK_DOMAIN"
KERNEL_DOMAIN: Final = "/proc/sys/kernel/domainname"
"""Where Linux keeps what getdomainname returns."""

NO_DOMAIN: Final = f"the level des needs a domain for network names: set {DOMAIN_VARIABLE}, as in example.com"

_UNSET: Final = frozenset(["", "(none)"])
_NAME: Final = re.compile(rb"unix\.([^@.\s]+)@(\S+)")
_UID: Final = re.compile(rb"[1-9][0-9]{0,9}")
_UIDS: Final = 1 << 32


def domain(environ: Mapping[str, str], kernel: str) -> str | None:
    """The domain of network names: of the environment, else ``kernel``, the system's; None without one."""
    chosen = environ.get(DOMAIN_VARIABLE)
    if chosen:
        return chosen
    kernel = kernel.strip()
    return None if kernel in _UNSET else kernel


def user(uid: int, domain: str) -> bytes:
    """The name of a user. Raises ValueError for a name that is too long or has blanks in it."""
    return _checked(f"unix.{uid}@{domain}")


def superuser(host: str, domain: str) -> bytes:
    """The name of the superuser of a host, whose name ends at its first dot. Raises ValueError too."""
    return _checked(f"unix.{host.partition('.')[0]}@{domain}")


def name_of(uid: int, host: str, domain: str) -> bytes:
    """The name of ``uid`` on ``host``: what ``getnetname`` gives. Raises ValueError."""
    return user(uid, domain) if uid else superuser(host, domain)


def is_name(name: bytes, domain: str) -> bool:
    """Whether ``name`` is that of a user or host of ``domain``, so that it maps to an account at all."""
    match = _NAME.fullmatch(name)
    if match is None or match[2] != domain.encode():
        return False
    who = match[1]
    # There is no user 0: the superuser goes by the name of the host.
    return not who.isdigit() or (_UID.fullmatch(who) is not None and int(who) < _UIDS)


def _checked(name: str) -> bytes:
    encoded = name.encode()
    if len(encoded) > LONGEST:
        raise ValueError(f"the network name {name} is longer than {LONGEST} bytes")
    if _NAME.fullmatch(encoded) is None:
        raise ValueError(f"{name!r} is no network name: blanks and a second @ cannot be in one")
    return encoded
