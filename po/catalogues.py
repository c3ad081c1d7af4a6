"""Bring the translations up to date: make catalogues.

Collects the sentences of the programs from the source, notes new and changed ones in each ``po/LANGUAGE.po``
for its translator, and compiles what is translated into the package. To begin with a language, copy de.po
and empty its ``msgstr``. Tests hold the catalogues against the source and against each other.
"""

from __future__ import annotations

import ast
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tooltalk"
PLACES = {"Text": 2, "say": 0, "later": 0}
"""Functions that take a sentence, and which of their arguments it is."""


def sentences() -> dict[str, set[str]]:
    """Every sentence the programs may say in another language, and the files that hold it."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            sentence = _sentence(node)
            if sentence is not None:
                found.setdefault(sentence, set()).add(str(path.relative_to(ROOT)))
    return found


def _sentence(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    place = PLACES.get(node.func.id)
    if place is None or len(node.args) <= place:
        return None
    argument = node.args[place]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def template() -> Catalog:
    """The sentences without translations."""
    catalog = Catalog()
    for sentence, files in sentences().items():
        catalog.add(sentence, locations=[(file, None) for file in sorted(files)])
    return catalog


def compiled(language: str) -> Path:
    """Where the package has the catalogue of a language."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "tooltalk.mo"


def sources() -> dict[str, Path]:
    """The source of each language."""
    return {path.stem: path for path in sorted((ROOT / "po").glob("*.po"))}


def read(path: Path) -> Catalog:
    """A source of translations."""
    with path.open("rb") as file:
        return read_po(file)


def main() -> None:
    """Update and compile all languages."""
    for language, path in sources().items():
        catalog = read(path)
        catalog.update(template(), update_creation_date=False)
        for message in catalog:
            # Translators may put arguments in another order, as in %2$d, which Python itself does not know.
            if "python-format" in message.flags:
                message.flags = (message.flags - {"python-format"}) | {"c-format"}
        with path.open("wb") as file:
            write_po(file, catalog, width=100, ignore_obsolete=True, include_previous=False)
        target = compiled(language)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, catalog)
        missing = sum(1 for message in catalog if message.id and (message.fuzzy or not message.string))
        print(f"{language}: {len(catalog)} sentences, {missing} of them still to translate")


if __name__ == "__main__":
    main()
