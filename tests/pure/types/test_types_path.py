"""Where the databases are (spec 04 section 9.1)."""

from __future__ import annotations

import pytest

from tooltalk.types.path import database_paths, level_path

HOME = {"HOME": "/home/u", "OPENWINHOME": "/ow"}


def nothing(path: str) -> bool:
    return False


def everything(path: str) -> bool:
    return True


def test_default_paths_in_the_programs_order():
    """04-26: the desktop's database comes before the network's, whatever the manual says."""
    assert database_paths(HOME, nothing) == [
        "/home/u/.tt/types.xdr",
        "/etc/tt/types.xdr",
        "/usr/dt/appconfig/tttypes/types.xdr",
        "/ow/etc/tt/types.xdr",
    ]


@pytest.mark.parametrize("openwin", [{}, {"OPENWINHOME": ""}])
def test_default_paths_without_variables(openwin):
    """04-26."""
    paths = database_paths(openwin | {"TTPATH": ""}, everything)
    assert paths[0] == "/.tt/types.xdr"
    assert paths[3] == "/usr/openwin/etc/tt/types.xdr"


def test_element_is_a_directory_or_a_file():
    """04-26, trap 16."""
    environ = {"TTPATH": "/a:/b.xdr:rel:.", "HOME": "/home/u"}
    assert database_paths(environ, {"/a", "."}.__contains__) == [
        "/a/types.xdr",
        "/b.xdr",
        "rel",
        "./types.xdr",
    ]


@pytest.mark.parametrize(
    ("path", "files"),
    [(":/a", ["", "/a"]), ("/a::/b", ["/a", "", "/b"]), ("/a:", ["/a", ""]), (":", ["", ""])],
)
def test_empty_element_is_no_file(path, files):
    assert database_paths({"TTPATH": path}, nothing) == files
    assert "" in database_paths({"TTPATH": path}, everything)


@pytest.mark.parametrize(
    ("path", "levels"),
    [
        ("/1", ("/1", "", "")),
        ("/1:/2", ("/1", "/2", "")),
        ("/1:/2:/3", ("/1", "/2", "/3")),
        ("/1:/2:/3:/4:/5", ("/1", "/2", "/5")),
        (":/2", ("", "/2", "")),
        ("", ("/.tt/types.xdr", "/etc/tt/types.xdr", "/usr/openwin/etc/tt/types.xdr")),
    ],
)
def test_levels(path, levels):
    """04-28, trap 19: of three or more elements the last is the network's."""
    environ = {"TTPATH": path}
    assert tuple(level_path(level, environ, nothing) for level in ("user", "system", "network")) == levels
