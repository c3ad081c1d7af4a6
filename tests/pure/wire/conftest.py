"""Hypothesis without its clock: a busy machine is no fault of a codec."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("wire", deadline=None)
settings.load_profile("wire")
