"""Sentences for people: English, unless the program has chosen another language for them.

A sentence is looked up by its English text, as gettext does, so every call of ``say`` has that text as a
literal: ``po/catalogues.py`` collects the sentences of all programs from the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

CONVERSION: Final = re.compile(r"%(?:([1-9]\d?)\$)?[hl]*(.?)", re.DOTALL)
"""Fields with flags and widths are in none of our sentences, so a translation needs none."""
KINDS: Final = {"s": "s", "m": "s", "d": "d", "i": "d", "u": "d", "e": "g", "f": "g", "g": "g"}
"""``%m`` is the error text in the C server, where ours is an argument (spec 02 section 15.1)."""

VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
BUILT_IN: Final = re.compile(r"(C|POSIX|en)([_.@].*)?")


class Wording:
    """The language of this process. find: another language's text for an English one, None if it has none."""

    find: ClassVar[Callable[[str], str | None] | None] = None


def say(english: str, *arguments: object) -> str:
    """The sentence in the chosen language, with ``%`` arguments in place; in English where that has none."""
    if Wording.find is not None:
        found = Wording.find(english)
        translated = None if found is None else filled(found, english, arguments)
        if translated is not None:
            return translated
    return english % arguments if arguments else english


def later(english: str) -> str:
    """Marks a literal that ``say`` is given later, because it stands in a table."""
    return english


def filled(sentence: str, english: str, arguments: tuple[object, ...]) -> str | None:
    """``sentence`` with ``arguments`` in place, each written as the conversion in ``english`` says.

    None if its conversions do not fit those of ``english``: a catalogue may be of another version, and
    must cost neither the message nor the server. It may use fewer arguments, or in another order.
    """
    fields = [found for found in CONVERSION.finditer(english) if found[2] != "%"] if arguments else []
    pieces, end, following = [], 0, 0
    for found in CONVERSION.finditer(sentence):
        pieces.append(sentence[end : found.start()])
        end = found.end()
        if found[2] == "%":
            pieces.append("%")
            continue
        index = following if found[1] is None else int(found[1]) - 1
        following = index + 1
        kind = KINDS.get(found[2])
        if kind is None or index >= len(fields) or kind != KINDS[fields[index][2]]:
            return None
        pieces.append(fields[index][0] % arguments[index])
    return "".join([*pieces, sentence[end:]])


def chosen_locale(environ: Mapping[str, str]) -> str:
    """The locale of messages: the first variable that is set and not empty, else C.

    One with a slash would leave the directories of the catalogues.
    """
    locale = next((environ[name] for name in VARIABLES if environ.get(name)), "C")
    return "C" if "/" in locale else locale


def languages(environ: Mapping[str, str]) -> list[str]:
    """The languages to look for in catalogues, best first, as gettext chooses them.

    LANGUAGE lists several and comes before the locale, but not before the locale C. Nothing behind English
    is wanted, which needs no catalogue.
    """
    locale = chosen_locale(environ)
    if locale.partition(".")[0] in ("C", "POSIX"):
        return []
    found = []
    for name in (environ.get("LANGUAGE") or locale).split(":"):
        if BUILT_IN.fullmatch(name):
            break
        if name and "/" not in name:
            found.append(name)
    return found
