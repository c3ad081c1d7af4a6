"""Leaves out what needs the C library's AUTH_DES where the library has none."""

from __future__ import annotations

from tests.process.des.sunrpc import library

collect_ignore = [] if library() else ["test_des_c_client.py", "test_des_c_session.py"]
