"""What is claimed of a case, and what the rounds say about it. Nothing here measures."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

Row = Mapping[str, float]
"""One round: seconds, or bytes, by label."""


class Spread(NamedTuple):
    """The middle of some numbers, and the quartiles around it."""

    low: float
    median: float
    high: float


def spread(numbers: Sequence[float]) -> Spread:
    """The spread of at least one number."""
    if len(numbers) == 1:
        return Spread(numbers[0], numbers[0], numbers[0])
    low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return Spread(low, median, high)


class Claim:
    """That one label costs at most ``most``; what that means, subclasses say.

    words: what the target is in the words of a reader. share: of what is allowed; 1.0 is just enough.
    """

    def __init__(self, label: str, most: float, words: str) -> None:
        self.label = label
        self.most = most
        self.words = words

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that must have been measured."""
        return (self.label,)

    @property
    def title(self) -> str:
        """What is compared."""
        return self.label

    def numbers(self, rows: Sequence[Row]) -> list[float]:
        """The number of each round that is to be at most ``most``."""
        return [row[self.label] for row in rows]

    def text(self, number: float) -> str:
        """A number as the reader wants it."""
        raise NotImplementedError

    def spread(self, rows: Sequence[Row]) -> Spread | None:
        """Over all rounds; None if something is missing."""
        whole = [row for row in rows if all(label in row for label in self.labels)]
        return spread(self.numbers(whole)) if whole else None

    def met(self, found: Spread) -> bool:
        """Whether the median keeps the claim."""
        return found.median <= self.most


class Ratio(Claim):
    """The cost of ``label`` over the cost of ``other`` in the same round."""

    def __init__(self, label: str, other: str, most: float, words: str = "") -> None:
        super().__init__(label, most, words or f"at most {most:g}")
        self.other = other

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.label, self.other)

    @property
    def title(self) -> str:
        return f"{self.label} / {self.other}"

    def numbers(self, rows: Sequence[Row]) -> list[float]:
        return [row[self.label] / row[self.other] for row in rows]

    def text(self, number: float) -> str:
        return f"{number:.2f}"


class Difference(Ratio):
    """The cost of ``label`` over and above that of ``other`` in the same round, in seconds."""

    @property
    def title(self) -> str:
        return f"{self.label} − {self.other}"

    def numbers(self, rows: Sequence[Row]) -> list[float]:
        return [row[self.label] - row[self.other] for row in rows]

    def text(self, number: float) -> str:
        return f"{number * 1e3:.1f} ms"


class Bytes(Claim):
    """A size."""

    def text(self, number: float) -> str:
        return amount(number, BYTES)


SECONDS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
BYTES: Final = ((2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes"))


def amount(number: float, units: Sequence[tuple[float, str]]) -> str:
    """A number with the unit that suits it."""
    size, unit = next((row for row in units if abs(number) >= row[0]), units[-1])
    return f"{number / size:.3g} {unit}"
