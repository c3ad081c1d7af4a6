"""The grammar of ``source.lark`` at work, over the tokens of ``tooltalk.types.tokens``.

Imported by the type compiler only: a server never needs the grammar, and lark costs start-up time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from lark import Lark, Token, UnexpectedToken
from lark.common import LexerConf
from lark.lexer import Lexer, LexerState, PatternStr
from lark.parsers.lalr_interactive_parser import InteractiveParser

from tooltalk.types.declared import BadSlot, Builder, Definition
from tooltalk.types.filtered import Filtered, Place
from tooltalk.types.tokens import END, RESERVED, RESERVED_WORDS, SyntaxFault, lexemes

_ANY_DEFINITION: Final = Token("PTYPE", "ptype")


class Parsed(NamedTuple):
    """The definitions that are complete, in source order, and where the source breaks the grammar."""

    definitions: list[Definition]
    fault: Place | None


class SourceLexer(Lexer):
    """Gives lark our tokens. Keywords and punctuation are those that the grammar itself spells."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: LexerConf) -> None:
        self._fixed = {
            terminal.pattern.value: terminal.name
            for terminal in lexer_conf.terminals
            if isinstance(terminal.pattern, PatternStr)
        }
        self._fixed.update(dict.fromkeys(RESERVED_WORDS, RESERVED))

    def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:
        """The tokens of a Filtered source. ``start_pos`` is the mark, not the start of the token."""
        source = lexer_state.text
        assert isinstance(source, Filtered)
        for lexeme in lexemes(source, self._fixed):
            yield Token(lexeme.type, lexeme.text, start_pos=lexeme.mark)


def parse(source: Filtered) -> Parsed:
    """Parse until the end or the first fault; no recovery (spec 04 sections 2.4 and 3)."""
    parser = _language().parse_interactive(source)
    fault = None
    try:
        for _ in parser.iter_parse():
            pass
        parser.feed_token(Token(END, "", start_pos=len(source.text)))
    except SyntaxFault as broken:
        fault = broken.place
    except UnexpectedToken as unexpected:
        fault = source.place(unexpected.token.start_pos or 0)
    except BadSlot as bad:
        fault = source.place(bad.token.start_pos or 0)
    return Parsed(_definitions(parser), fault)


@cache
def _language() -> Lark:
    grammar = resources.files("tooltalk.types").joinpath("source.lark").read_text("ascii")
    return Lark(
        grammar,
        start="source",
        parser="lalr",
        lexer=SourceLexer,
        transformer=Builder(),
        maybe_placeholders=True,
    )


def _definitions(parser: InteractiveParser) -> list[Definition]:
    """The definitions the parser has completed, after a fault too.

    A definition may end with ``;``, so the parser holds one back until it has seen the next token. The C
    compiler does not: its message about a second definition of a name comes before that of a syntax error
    behind it. One more definition, begun here, makes ours let go.
    """
    with suppress(UnexpectedToken):
        parser.feed_token(_ANY_DEFINITION)
    values = parser.parser_state.value_stack
    return values[0] if values and isinstance(values[0], list) else []
