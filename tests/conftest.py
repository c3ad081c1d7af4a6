"""What every test of the suite goes by: which are left out, and when a skip is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault. A quick run tries the same examples every time: chance is for the long one.
settings.register_profile("any", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("any"), max_examples=20, derandomize=True)
settings.register_profile("long", settings.get_profile("any"), max_examples=2000)
settings.load_profile(os.environ.get("TT_HYPOTHESIS_PROFILE", "quick"))

REFERENCE = ("TT_REF_LIB", "TT_REF_SESSION")
"""Where a shared libtt and the ttsession of the C implementation are."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the C implementation where there is none; golden tests stand for it."""
    if all(os.environ.get(name) for name in REFERENCE):
        return
    left_out = [item for item in items if item.get_closest_marker("reference")]
    items[:] = [item for item in items if not item.get_closest_marker("reference")]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TT_NO_SKIP set a skipped test fails: something that the suite wants is not installed."""
    report = yield
    if report.skipped and os.environ.get("TT_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped and TT_NO_SKIP forbids it: {report.longrepr}"
    return report
