"""This process in the session, as a client of it."""

from tests.process.push.conftest import alone, session

__all__ = ["alone", "session"]
