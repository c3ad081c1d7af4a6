"""The functions of tt_c.h for authority files, under their Python names."""

from tooltalk.wire.authority import Entry
from ttclient.blocking.authorityfile import (
    file_name,
    find,
    generate_cookie,
    lock,
    read_entries,
    write_entry,
)

__all__ = ["Entry", "file_name", "find", "generate_cookie", "lock", "read_entries", "write_entry"]
