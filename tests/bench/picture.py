"""The picture: how much of what is allowed each claim needs, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from tests.bench.claims import Claim, Spread
from tests.bench.rounds import Outcome

WIDTH: Final = 1200
ROW: Final = 24
TOP: Final = 64
LEFT: Final = 620
RIGHT: Final = 120
GOOD: Final = "#2b8a3e"
BAD: Final = "#c92a2a"
TICKS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)

PAGE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="12" y="24" font-size="16" font-weight="bold">{title}</text>
<text x="12" y="44" fill="#555">Left of the line: better than required. Strokes: quartiles.</text>
{body}
</svg>
"""
TICK: Final = (
    '<line x1="{x}" x2="{x}" y1="{top}" y2="{bottom}" stroke="{colour}"/>'
    '<text x="{x}" y="{label}" text-anchor="middle" fill="#555">{text}</text>'
)
BAR: Final = (
    '<text x="{names}" y="{text_y}" text-anchor="end">{name}</text>'
    '<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}" fill-opacity="0.75"/>'
    '<line x1="{low}" x2="{high}" y1="{middle}" y2="{middle}" stroke="black"/>'
    '<text x="{figures}" y="{text_y}" fill="{colour}">{figure}</text>'
)


class Bar(NamedTuple):
    """One claim that was measured. share: of what is allowed."""

    name: str
    figure: str
    share: Spread


def bars(outcomes: Sequence[Outcome]) -> list[Bar]:
    """A bar for each claim that was measured."""
    return [
        bar
        for outcome in outcomes
        for claim in outcome.case.claims
        if (bar := _bar(outcome, claim)) is not None
    ]


def draw(outcomes: Sequence[Outcome], date: str) -> str:
    """The picture as SVG."""
    rows = bars(outcomes)
    scale = Scale([row.share for row in rows])
    bottom = TOP + ROW * len(rows)
    body = [*_ticks(scale, bottom), *[_row(place, row, scale) for place, row in enumerate(rows)]]
    title = f"Measured cost as a share of what is allowed, {date}"
    return PAGE.format(width=WIDTH, height=bottom + 32, title=escape(title), body="\n".join(body))


class Scale:
    """Where a share stands: logarithmic, wide enough for all of them and for 1."""

    def __init__(self, shares: Sequence[Spread]) -> None:
        self.least = min([0.5, *[share.low for share in shares]]) / 1.1
        self.most = max([2.0, *[share.high for share in shares]]) * 1.1

    def x(self, share: float) -> float:
        """The horizontal place, in pixels."""
        part = math.log(share / self.least) / math.log(self.most / self.least)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def _bar(outcome: Outcome, claim: Claim) -> Bar | None:
    found = claim.spread(outcome.rows)
    if found is None:
        return None
    tiny = claim.most / 1000
    share = Spread(*[max(number, tiny) / claim.most for number in found])
    return Bar(f"{outcome.case.name}: {claim.title}", f"{claim.text(found.median)}", share)


def _ticks(scale: Scale, bottom: int) -> Iterator[str]:
    for share in TICKS:
        if scale.least <= share <= scale.most:
            yield TICK.format(
                x=scale.x(share),
                top=TOP - 6,
                bottom=bottom,
                label=bottom + 16,
                text=f"{share:g}",
                colour="black" if share == 1 else "#ddd",
            )


def _row(place: int, bar: Bar, scale: Scale) -> str:
    y = TOP + place * ROW
    one, x = scale.x(1.0), scale.x(bar.share.median)
    return BAR.format(
        names=LEFT - 8,
        text_y=y + 15,
        name=escape(bar.name),
        x=min(one, x),
        y=y + 5,
        width=round(max(abs(x - one), 1), 1),
        height=ROW - 10,
        colour=GOOD if bar.share.median <= 1 else BAD,
        low=scale.x(bar.share.low),
        high=scale.x(bar.share.high),
        middle=y + ROW // 2,
        figures=WIDTH - RIGHT + 12,
        figure=escape(bar.figure),
    )
