"""The report: ratios in tables, and under which circumstances they were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.claims import Claim, amount, spread
from tests.bench.rounds import Outcome

MISSING: Final = "not measured"
PREFACE: Final = """\
Medians of interleaved rounds, with the quartiles of the rounds in brackets. A ratio is that of the costs in
the same round: below 1 the first of the two is the faster one.
"""


def page(outcomes: Sequence[Outcome], circumstances: Mapping[str, str], picture: str, date: str) -> str:
    """The whole page in markdown. picture: file name of the picture."""
    parts = [
        f"# Measured on {date}\n",
        PREFACE,
        f"![What was measured, as a share of what is allowed]({picture})\n",
        claims_table(outcomes),
        *[case_section(outcome) for outcome in outcomes if outcome.rows],
        absences(outcomes),
        circumstances_table(circumstances),
    ]
    return "\n".join(part for part in parts if part)


def claims_table(outcomes: Sequence[Outcome]) -> str:
    """One line for each claim."""
    lines = ["| case | compared | measured | target | |", "|---|---|---|---|---|"]
    for outcome in outcomes:
        for claim in outcome.case.claims:
            lines.append(f"| {outcome.case.name} | {claim.title} | {verdict(claim, outcome)}")
    return "\n".join(lines) + "\n"


def verdict(claim: Claim, outcome: Outcome) -> str:
    """The last three cells of a claim's line."""
    found = claim.spread(outcome.rows)
    if found is None:
        return f"{MISSING} | {claim.words} | |"
    low, median, high = map(claim.text, found)
    met = "met" if claim.met(found) else "**missed**"
    return f"{median} ({low} – {high}) | {claim.words} | {met} |"


def case_section(outcome: Outcome) -> str:
    """All who took part, each beside the first of them."""
    first = outcome.labels[0]
    lines = [
        f"## {outcome.case.name}\n",
        f"{outcome.case.title[0].upper()}{outcome.case.title[1:]}; rounds: {len(outcome.rows)}.\n",
        f"| who | ratio to {first} | median in this run |",
        "|---|---|---|",
    ]
    for label in outcome.labels:
        values = [row[label] for row in outcome.rows]
        ratios = spread([row[label] / row[first] for row in outcome.rows])
        ratio = f"{ratios.median:.2f} ({ratios.low:.2f} – {ratios.high:.2f})"
        lines.append(f"| {label} | {ratio} | {amount(spread(values).median, outcome.case.units)} |")
    return "\n".join(lines) + "\n"


def absences(outcomes: Sequence[Outcome]) -> str:
    """Who was absent, and why; empty if nobody was."""
    missing = {who: why for outcome in outcomes for who, why in outcome.absent.items()}
    if not missing:
        return ""
    return "\n".join(["## Absent\n", *[f"- {who}: {why}" for who, why in sorted(missing.items())]]) + "\n"


def circumstances_table(circumstances: Mapping[str, str]) -> str:
    """What the figures depend on."""
    lines = ["## Circumstances\n", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in circumstances.items()]
    return "\n".join(lines) + "\n"
