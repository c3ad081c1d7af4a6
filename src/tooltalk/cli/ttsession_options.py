"""Words of ttsession's command line, cut as getopt of the C library cuts them (spec 02 section 2.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence


class BadOption(Exception):
    """An option that is unknown, lacks its argument, or stands where it may not."""


class Grammar:
    """Which letters are options.

    with_argument: letters that take one, from the same word or the next. alone: letters that take none
    and may be bundled. rest: letters that end the options and take all words behind them, untouched;
    such a letter must be the last of its bundle.
    """

    __slots__ = ("_alone", "_rest", "_with_argument")

    def __init__(self, with_argument: str, alone: str, rest: str = "") -> None:
        self._with_argument = with_argument
        self._alone = alone
        self._rest = rest

    def options(self, words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        """Each option of ``words``, which begin behind the program's name, with its arguments.

        Words that are no options are skipped, and ``--`` ends the options. Raises BadOption when it
        comes to a bad one, so that those before it have had their effect.
        """
        waiting = deque(words)
        while waiting:
            word = waiting.popleft()
            if word == "--":
                return
            if len(word) > 1 and word[0] == "-":
                yield from self._bundle(word[1:], waiting)

    def _bundle(self, letters: str, waiting: deque[str]) -> Iterator[tuple[str, list[str]]]:
        for place, letter in enumerate(letters, 1):
            following = letters[place:]
            if letter in self._alone:
                yield letter, []
            elif letter in self._rest and not following:
                yield letter, list(waiting)
                waiting.clear()
            elif letter in self._with_argument and (following or waiting):
                yield letter, [following or waiting.popleft()]
                return
            else:
                raise BadOption(letter)
