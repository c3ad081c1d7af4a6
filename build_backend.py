"""Builds with setuptools, and with mypyc where that can be done (PEP 517).

TT_COMPILE=yes compiles or fails, TT_COMPILE=no never compiles. Without it a normal installation compiles
where a C compiler and Python's headers are found, and an editable one does not, since edits of the source
would then show no effect. The compiled and the pure package are made of the same files.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

# Whose C calls librt by an interface of a certain age; the librt that pyproject.toml asks for has it.
COMPILER = ["mypy>=2.4,<2.5"]


def compiles(editable: bool) -> bool:
    """Whether this build makes C of the hot modules."""
    wish = os.environ.get("TT_COMPILE", "auto")
    if wish not in ("yes", "no", "auto"):
        raise SystemExit(f"TT_COMPILE is {wish!r}; give yes, no or auto")
    return wish == "yes" or (wish == "auto" and not editable and _can_compile())


def _can_compile() -> bool:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    return shutil.which(compiler) is not None and headers.exists()


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """setuptools, and the compiler if it is used."""
    return build_meta.get_requires_for_build_wheel(config_settings) + (COMPILER if compiles(False) else [])


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """setuptools, and the compiler if it is asked for."""
    return build_meta.get_requires_for_build_editable(config_settings) + (COMPILER if compiles(True) else [])


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """A wheel, compiled or pure."""
    _tell_setup(compiles(False))
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """An editable installation, pure unless compilation is asked for."""
    _tell_setup(compiles(True))
    return str(build_meta.build_editable(wheel_directory, config_settings, metadata_directory))


def _tell_setup(compiled: bool) -> None:
    """setup.py runs in this process and has no other way to know."""
    os.environ["TT_SETUP_COMPILES"] = "yes" if compiled else "no"
