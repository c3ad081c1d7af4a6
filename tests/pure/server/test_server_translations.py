"""The catalogues of gettext: the sources against the programs, the compiled ones against the sources."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from po import catalogues

from tooltalk.server.language import SHIPPED, translated
from tooltalk.wording import CONVERSION, Wording, filled, languages, say

SENTENCES = catalogues.sentences()
LANGUAGES = sorted(catalogues.sources())
TERMINAL = 80


def translations(language: str) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogues.read(catalogues.sources()[language]) if m.id}


def test_the_source_is_read_whole():
    """Sentences of each kind are found; a sentence that is no literal would be found nowhere."""
    assert "starting" in SENTENCES and "%s refused: %d procids are known" in SENTENCES
    variable = re.compile(r"\b(say|later)\((?![\"'\n]|self\.english|english: str|text\)|command\.text\))")
    for path in catalogues.SOURCE.rglob("*.py"):
        assert not variable.search(path.read_text()), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    """If this fails, run make catalogues and translate what is new in po/."""
    assert set(translations(language)) == set(SENTENCES)
    unfinished = [
        m.id for m in catalogues.read(catalogues.sources()[language]) if m.id and (m.fuzzy or not m.string)
    ]
    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_the_source(language):
    """Also in a package that was built. If this fails, run make catalogues."""
    place = catalogues.compiled(language).relative_to(catalogues.SOURCE / "locale")
    with (Path(SHIPPED) / place).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    found = {english: compiled.gettext(english) for english in SENTENCES}
    assert found == translations(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_conversions_fit(language):
    """Each translation has a place for each argument, and takes what it is given."""
    for english, text in translations(language).items():
        kinds = [found[2] for found in CONVERSION.finditer(english) if found[2] != "%"]
        arguments = tuple({"s": f"<{n}>", "d": 100 + n, "g": 0.5 + n}[kind] for n, kind in enumerate(kinds))
        shown = filled(text, english, arguments)
        assert shown is not None, text
        assert all(str(argument) in shown for argument in arguments), text
        assert text.startswith((" ", "\n")) == english.startswith((" ", "\n")), text
        assert text.endswith("\n") == english.endswith("\n"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usage_fits_a_terminal(language):
    for english, text in translations(language).items():
        if "\t" in english:
            assert all(len(line.expandtabs()) <= TERMINAL for line in text.splitlines()), text


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, []),
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "de", "LC_MESSAGES": "fr"}, ["fr"]),
        ({"LANG": "de", "LC_MESSAGES": "", "LC_ALL": ""}, ["de"]),
        ({"LC_ALL": "C", "LANG": "de", "LANGUAGE": "de"}, []),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "de"}, []),
        ({"LC_ALL": "POSIX", "LANGUAGE": "de"}, []),
        ({"LANGUAGE": "de"}, []),
        ({"LANG": "en_GB", "LANGUAGE": "fr:de_AT::it"}, ["fr", "de_AT", "it"]),
        ({"LANG": "de", "LANGUAGE": "fr:en_GB.UTF-8:de"}, ["fr"]),
        ({"LANG": "en_US.UTF-8"}, []),
        ({"LANG": "de", "LANGUAGE": "../../etc:fr"}, ["fr"]),
        ({"LANG": "/tmp/de", "LANGUAGE": "de"}, []),
        ({"LANG": "eng"}, ["eng"]),
    ],
)
def test_languages(variables, wanted):
    """As gettext chooses them: LANGUAGE before the locale, except in the locale C."""
    assert languages(variables) == wanted


def folder(path: Path, language: str, sentences: dict[str, str], charset: str = "utf-8") -> str:
    """A place of compiled catalogues with one in it."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalog = Catalog(charset=charset)
    for english, text in sentences.items():
        catalog.add(english, text)
    file = path / language / "LC_MESSAGES" / "tooltalk.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_mo(opened, catalog)
    return str(path)


def test_where_catalogues_are_looked_for(tmp_path):
    """A region falls back on its language, a sentence on the next place, and a language on the next one."""
    first = folder(tmp_path / "a", "fr", {"starting": "prêt"}, "iso-8859-1")
    second = folder(tmp_path / "b", "fr", {"starting": "other", "exiting": "fin"})
    third = folder(tmp_path / "c", "it", {"have re-read types": "riletti"})
    find = translated(["fr_CA.UTF-8", "it"], (first, second, third, str(tmp_path / "absent")))
    assert find is not None
    words = ("starting", "exiting", "have re-read types", "unknown")
    assert [find(word) for word in words] == ["prêt", "fin", "riletti", None]
    assert translated(["pt"], (first, second)) is None
    assert translated([], (first,)) is None


@given(st.binary(max_size=200), st.integers(0, 400))
def test_damaged_catalogues(tmp_path_factory, rubbish, cut):
    """Neither a shortened nor an overwritten catalogue raises; it is as if it was not there."""
    where = tmp_path_factory.mktemp("mo")
    place = folder(where, "fr", {"starting": "prêt %s", "exiting": "fin"})
    file = where / "fr" / "LC_MESSAGES" / "tooltalk.mo"
    whole = file.read_bytes()
    for data in (whole[:cut], whole[: cut // 4] + rubbish + whole[cut // 4 + len(rubbish) :], rubbish):
        file.write_bytes(data)
        find = translated(["fr"], (place,))
        if find is not None:
            find("starting")


def test_a_translation_that_does_not_fit(monkeypatch):
    """The sentence is said in English then."""
    monkeypatch.setattr(Wording, "find", {"%s and %d": "%d und %s", "a %s": "ein %s", "%d": "%2$d"}.get)
    assert say("%s and %d", "x", 7) == "x and 7"
    assert say("a %s", "x") == "ein x"
    assert say("%d", 7) == "7"
    assert say("100% sure") == "100% sure"
