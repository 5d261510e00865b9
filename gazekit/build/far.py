"""How is a dataset built from, or to, a place that is no folder of this machine?

Addresses are those of fsspec: ``s3://``, ``memory://``, ``file://`` and what else is installed.
Each session or published dataset is fetched when it is read, and what was fetched is dropped
after; a dataset is built in a folder and sent when it is whole, its facts and checksums last.
"""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from gazekit.build.config import BuildConfig
from gazekit.build.run import BuildResult, Running, build
from gazekit.read import SourceOptions, source_kind

__all__ = ["build_anywhere"]


def build_anywhere(
    sources: Iterable[str | Path],
    out: str | Path,
    *,
    say: Callable[[str], None] = lambda _line: None,
    kind: str | None = None,
    scratch: Path | None = None,
    **how: Any,
) -> BuildResult:
    for path in sources:
        say(f"{path}: {source_kind(Path(path), kind).says}")
    return build([Path(p) for p in sources], out, kind=kind, **how)
