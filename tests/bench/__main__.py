"""``python -m tests.bench``: measure, print the tables, and keep a record of a whole measurement."""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench import picture, privatenet, report
from tests.bench.actor import ActorFailed
from tests.bench.cases import CASES, Case
from tests.bench.circumstances import circumstances
from tests.bench.rounds import Outcome, measure
from tests.bench.servers import ROOT, ServerFailed
from tests.bench.stage import Theatre

RECORDS = ROOT / "doc" / "bench"


def main() -> int:
    """Measure what the command line asks for; the exit status says nothing about the figures."""
    options = _options()
    privatenet.start_again_inside("tests.bench")
    _allow_descriptors()
    mapper = privatenet.furnish()
    load = os.getloadavg()[0]
    home = Path(tempfile.mkdtemp(prefix="ttbench", dir="/tmp"))
    try:
        outcomes = _measure(options.cases, Theatre(home), options.hasty)
    except (ActorFailed, ServerFailed) as failure:
        print(failure, *_said(home), sep="\n", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if mapper is not None:
            mapper.terminate()
            mapper.wait()
    directory = options.output
    if directory is None and len(options.cases) == len(CASES) and not options.hasty:
        directory = RECORDS
    _report(outcomes, directory, circumstances(load))
    return 0


def _measure(cases: Sequence[Case], theatre: Theatre, hasty: bool) -> list[Outcome]:
    outcomes = []
    for case in cases:
        outcomes.append(measure(case, theatre, hasty, lambda text: print(text, file=sys.stderr)))
        print(report.claims_table(outcomes[-1:]), file=sys.stderr)
    return outcomes


def _said(home: Path) -> list[str]:
    """What the servers said."""
    return [text for diary in sorted(home.glob("*/said")) if (text := diary.read_text(errors="replace"))]


def _report(outcomes: Sequence[Outcome], directory: Path | None, found: Mapping[str, str]) -> None:
    date = datetime.date.today().isoformat()
    text = report.page(outcomes, found, f"{date}.svg", date)
    print(text)
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{date}.md").write_text(text)
        (directory / f"{date}.svg").write_text(picture.draw(outcomes, date))
        print(f"Kept in {directory}/{date}.md", file=sys.stderr)


def _allow_descriptors() -> None:
    """The clients of some cases are many. Servers inherit the limit; the C one selects below 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = 1 << 16 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _options() -> argparse.Namespace:
    by_name = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which cases: {', '.join(by_name)}")
    parser.add_argument("--hasty", action="store_true", help="one round each, to see that everything works")
    parser.add_argument(
        "--output",
        type=Path,
        help=f"directory of the record; by default {RECORDS} if all cases were measured",
    )
    options = parser.parse_args()
    unknown = set(options.cases) - set(by_name)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    options.cases = [by_name[name] for name in options.cases or by_name]
    return options


if __name__ == "__main__":
    sys.exit(main())
