"""Which catalogues the user wants messages from: by NLSPATH, and gettext's (spec 02 section 15.1).

Imported only where the environment asks for another language, so that nobody else waits for it. Where both
kinds of catalogue are found, a sentence is taken from that of NLSPATH, which somebody has named on purpose;
what it lacks comes from gettext's.
"""

# Importing pathlib would cost a quarter of the time the server takes to start.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import codecs
import gettext
import io
import os
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from tooltalk.files.regular import contents, open_regular
from tooltalk.server.catalogue import Catalogue, Damaged
from tooltalk.server.messages import CATALOGUE, Text
from tooltalk.wording import Wording, chosen_locale, filled, languages

CATALOGUE_BYTES: Final = 1 << 20
"""A larger file is no catalogue of ours. No limit of TOOLTALK_LIMITS: its faults are messages too."""

DOMAIN: Final = "tooltalk"
SHIPPED: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "locale")
INSTALLED: Final = tuple(dict.fromkeys([f"{sys.prefix}/share/locale", "/usr/share/locale"]))

LOCALE: Final = re.compile(r"(?P<l>[^_.@]*)(?:_(?P<t>[^.@]*))?(?:\.(?P<c>[^@]*))?(?:@.*)?", re.DOTALL)


class Translation:
    """Sentences of one catalogue of NLSPATH, in the character set ``codeset``."""

    __slots__ = ("_catalogue", "_codesets")

    def __init__(self, catalogue: Catalogue, codeset: str) -> None:
        self._catalogue = catalogue
        self._codesets = (codeset, "utf-8")

    def __call__(self, text: Text, arguments: tuple[object, ...]) -> str | None:
        """What ``text`` is in this language; None where the catalogue has nothing that fits."""
        found = self._catalogue.sentence(text.set, text.number)
        return None if found is None else filled(self._decoded(found), text.english, arguments)

    def _decoded(self, data: bytes) -> str:
        for codeset in self._codesets:
            try:
                return codecs.decode(data, codeset)
            except ValueError:
                continue
        return data.decode("latin-1")


def choose(environ: Mapping[str, str]) -> None:
    """Let this process speak the language that ``environ`` asks for."""
    if environ.get("NLSPATH"):
        Text.translation = translation(environ)
    Wording.find = translated(languages(environ), (SHIPPED, *INSTALLED))


def translation(environ: Mapping[str, str]) -> Translation | None:
    """The first catalogue NLSPATH leads to; None if there is none that can be read.

    A damaged one is passed over without a word: in which language should it be said.
    """
    locale = chosen_locale(environ)
    for name in places(environ.get("NLSPATH", ""), locale):
        try:
            return Translation(Catalogue(_contents(name)), _codeset(locale))
        except (OSError, Damaged):
            continue
    return None


def places(path: str, locale: str) -> Iterator[str]:
    """The file names a value of NLSPATH stands for; an empty element is the name of the catalogue."""
    values = {name: value or "" for name, value in _parts(locale).items()}
    values |= {"N": CATALOGUE, "L": locale, "%": "%"}
    for template in path.split(":"):
        yield re.sub("%(.)", lambda found: values.get(found[1], ""), template) or CATALOGUE


class Sentences:
    """Catalogues of gettext, best first."""

    __slots__ = ("_catalogues",)

    def __init__(self, catalogues: list[gettext.GNUTranslations]) -> None:
        self._catalogues = catalogues

    def __call__(self, english: str) -> str | None:
        """The translation in the first catalogue that has one."""
        for catalogue in self._catalogues:
            found = catalogue.gettext(english)
            if found != english:
                return found
        return None


def translated(wanted: list[str], folders: tuple[str, ...]) -> Sentences | None:
    """gettext's catalogues for the languages ``wanted`` out of ``folders``; None if there are none."""
    found = []
    for language in wanted:
        for folder in folders:
            for name in gettext.find(DOMAIN, folder, [language], all=True):
                try:
                    found.append(gettext.GNUTranslations(io.BytesIO(_contents(name))))
                except (OSError, ValueError, LookupError, struct.error):
                    # Damaged, as above.
                    continue
    return Sentences(found) if found else None


def _parts(locale: str) -> dict[str, str | None]:
    found = LOCALE.fullmatch(locale)
    return found.groupdict() if found else {}


def _codeset(locale: str) -> str:
    """The character set of a locale, by a name that Python knows for text."""
    try:
        "".encode(chosen := _parts(locale).get("c") or "utf-8")
    except (LookupError, ValueError):
        return "utf-8"
    return chosen


def _contents(name: str) -> bytes:
    with open_regular(name) as file:
        data = contents(file, CATALOGUE_BYTES)
    if len(data) > CATALOGUE_BYTES:
        raise Damaged("too long")
    return data
