"""Hypothesis without its clock: a busy machine is no fault of a cipher."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("des", deadline=None)
settings.load_profile("des")
