"""What the rounds of a measurement say about a claim, and how the report and the picture tell it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from tests.bench import picture, report, rounds
from tests.bench.cases import CASES, Case, Entrant
from tests.bench.claims import BYTES, SECONDS, Bytes, Difference, Ratio, Spread, amount, spread
from tests.bench.rounds import Outcome
from tests.bench.stage import Theatre
from tests.bench.trials import Trial

ROWS = [{"ours": 1.0, "theirs": 2.0}, {"ours": 3.0, "theirs": 2.0}, {"ours": 8.0, "theirs": 10.0}]
THEATRE: Theatre = None  # type: ignore[assignment]
"""Entrants of these tests have no processes."""


def entrant(name: str, played: list[str]) -> Entrant:
    def trial() -> dict[str, float]:
        played.append(name)
        return {name: float(len(played))}

    return Entrant(("", ""), lambda theatre, stack: trial)


def outcome(*claims: Ratio | Bytes) -> Outcome:
    return Outcome(Case("case", "what it is", [], claims), list(ROWS))


def test_a_ratio_is_taken_within_each_round() -> None:
    """The median of ratios is not the ratio of medians: noise of one round must not meet another."""
    assert Ratio("ours", "theirs", 1.0).spread(ROWS) == Spread(0.65, 0.8, 1.15)


def test_a_difference_is_taken_within_each_round() -> None:
    found = Difference("ours", "theirs", 0.060).spread(ROWS)
    assert found == Spread(-1.5, -1.0, 0.0)
    assert Difference("ours", "theirs", 0.060).text(0.0451) == "45.1 ms"


def test_a_single_round_is_its_own_spread() -> None:
    assert spread([4.0]) == Spread(4.0, 4.0, 4.0)


def test_a_claim_about_somebody_absent_says_nothing() -> None:
    assert Ratio("ours", "absent", 1.0).spread(ROWS) is None
    assert Ratio("ours", "theirs", 1.0).spread([]) is None


@pytest.mark.parametrize(("median", "met"), [(0.99, True), (1.0, True), (1.01, False)])
def test_the_median_keeps_a_claim_or_not(median: float, met: bool) -> None:
    assert Ratio("ours", "theirs", 1.0).met(Spread(0.1, median, 9.0)) is met


@pytest.mark.parametrize(
    ("number", "units", "text"),
    [
        (0.0123, SECONDS, "12.3 ms"),
        (4.2e-6, SECONDS, "4.2 µs"),
        (16384.0, BYTES, "16 KiB"),
        (0.0, SECONDS, "0 µs"),
    ],
)
def test_amounts_have_the_unit_that_suits_them(number: float, units: object, text: str) -> None:
    assert amount(number, units) == text  # type: ignore[arg-type]


def test_everybody_plays_in_turn_and_another_one_begins_each_time() -> None:
    played: list[str] = []
    case = Case("case", "what", [entrant("a", played), entrant("b", played)], [], blocks=1, rounds=2)
    found = rounds.measure(case, THEATRE, False, lambda text: None)
    assert "".join(played) == "ab" + "ab" + "ba"
    assert found.labels == ["a", "b"]
    assert found.rows == [{"a": 3.0, "b": 4.0}, {"a": 6.0, "b": 5.0}]


def test_everything_is_set_up_anew_for_each_block() -> None:
    opened: list[str] = []

    def open_it(theatre: Theatre, stack: object) -> Trial:
        opened.append("opened")
        stack.callback(opened.append, "closed")  # type: ignore[attr-defined]
        return lambda: {"a": 1.0}

    case = Case("case", "what", [Entrant(("", ""), open_it)], [], blocks=2, rounds=1)
    assert len(rounds.measure(case, THEATRE, False, lambda text: None).rows) == 2
    assert opened == ["opened", "closed"] * 2


def test_who_cannot_take_part_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TT_REF_SESSION", raising=False)
    case = Case("case", "what", [Entrant(("", "C ttsession"), lambda t, s: dict)], [])
    found = rounds.measure(case, THEATRE, False, lambda text: None)
    assert not found.rows
    assert "- C ttsession: TT_REF_SESSION names no C ttsession" in report.absences([found])


def test_the_report_has_a_line_for_each_claim() -> None:
    found = outcome(Ratio("ours", "theirs", 0.5), Ratio("ours", "theirs", 1.0), Ratio("ours", "absent", 1.0))
    lines = report.claims_table([found]).splitlines()[2:]
    assert [line.rpartition("| at most")[0] for line in lines] == [
        "| case | ours / theirs | 0.80 (0.65 – 1.15) ",
        "| case | ours / theirs | 0.80 (0.65 – 1.15) ",
        "| case | ours / absent | not measured ",
    ]
    assert ["met" in line for line in lines] == [False, True, False]
    assert ["missed" in line for line in lines] == [True, False, False]


def test_the_page_shows_everybody_beside_the_first() -> None:
    page = report.page([outcome()], {"Python": "3"}, "x.svg", "2000-01-01")
    assert "| theirs | 1.25 (0.96 – 1.62) | 2 s |" in page
    assert "](x.svg)" in page
    assert "| Python | 3 |" in page


def test_the_picture_is_well_formed_and_has_a_bar_for_each_claim_measured() -> None:
    found = outcome(Ratio("ours", "theirs", 1.0), Bytes("ours & <them>", 4, "4"), Bytes("ours", 4, "4"))
    tree = ElementTree.fromstring(picture.draw([found], "2000-01-01"))
    bars = [rect for rect in tree.iter("{http://www.w3.org/2000/svg}rect") if rect.get("fill-opacity")]
    assert len(bars) == 2


def test_a_bar_leaves_the_line_on_the_side_of_its_verdict() -> None:
    scale = picture.Scale([Spread(0.2, 0.4, 0.5), Spread(3.0, 4.0, 9.0)])
    assert picture.LEFT < scale.x(0.2) < scale.x(1.0) < scale.x(9.0) < picture.WIDTH - picture.RIGHT


def test_cases_have_names_of_their_own_and_claim_what_they_measure() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(claim.most > 0 and claim.words for case in CASES for claim in case.claims)
