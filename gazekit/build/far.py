"""How is a dataset built from, or to, a place that is no folder of this machine?

Addresses are those of fsspec: ``s3://``, ``memory://``, ``file://`` and what else is installed.
A session is fetched when it is read, and what was fetched is dropped after; a dataset is built in
a folder and sent when it is whole, its facts last.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from gazekit.build.config import BuildConfig
from gazekit.build.far_session import FarSession
from gazekit.build.files import FarFolder, is_url
from gazekit.build.run import BuildResult, Running, build
from gazekit.model.errors import UsageError
from gazekit.model.layout import DatasetLayout, SessionLayout, StudyLayout
from gazekit.read import Source, SourceOptions, source_kind

__all__ = ["build_anywhere"]


def build_anywhere(
    sources: Iterable[str | Path],
    out: str | Path,
    *,
    running: Running,
    config: BuildConfig | None = None,
    name: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    kind: str | None = None,
    options: SourceOptions | None = None,
    exclusions: Path | None = None,
    scratch: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> BuildResult:
    """Build a dataset; sources and `out` may be addresses. See `gazekit.build.build`.

    Parameters
    ----------
    scratch
        Where a dataset that goes elsewhere is built, and its parts are kept for the next time; a
        passing folder where None.
    say
        Told in a line what each source is.

    Raises
    ------
    UsageError
        Nothing is at an address, or something else than a dataset is where it is to go.
    UnfitError
        The package that an address needs is not installed.
    """
    with ExitStack() as stack:
        far_out = FarFolder.of(str(out)) if is_url(out) else None
        place = Path(out)
        if far_out is not None:
            far_out.check_place()
            parent = scratch or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            parent.mkdir(parents=True, exist_ok=True)
            place = parent / far_out.name
        opened: list[Path | Source] = []
        for one in sources:
            if is_url(one):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                opened += _fetched(FarFolder.of(str(one)), folder, kind, say)
            else:
                say(f"{one}: {source_kind(Path(one), kind).says}")
                opened.append(Path(one))
        if any(isinstance(one, FarSession) and one.folder.is_of_process for one in opened):
            running = msgspec.structs.replace(running, executor="serial")
        result = build(
            opened,
            place,
            config=config,
            name=name or (far_out.name if far_out else None),
            progress=progress,
            kind=kind,
            options=options,
            exclusions=exclusions,
            running=running,
        )
        if far_out is not None and not result.dry_run and result.shard is None:
            far_out.send_dataset(DatasetLayout(place))
    return msgspec.structs.replace(result, dataset=str(out))


def _fetched(
    far: FarFolder, scratch: Path, kind: str | None, say: Callable[[str], None]
) -> Iterator[Path | Source]:
    """Yield the sessions at an address; anything else is fetched whole."""
    sessions = list(_sessions(far)) if kind in {None, "session"} else []
    if sessions:
        say(f"{far.url}: raw sessions")
        yield from (FarSession(one, scratch) for one in sessions)
        return
    if not far.files():
        raise UsageError("there is nothing at the address", where=far.url)
    path = scratch / far.name
    far.fetch(path)
    say(f"{far.url}: {source_kind(path, kind).says}")
    yield path


def _sessions(far: FarFolder) -> Iterator[FarFolder]:
    names = {name for name, _ in far.files()}
    session = SessionLayout(Path()).session.name
    if session in names:
        yield far
        return
    study = StudyLayout(Path()).sessions.name
    for name in sorted(names):
        folder, _, file = name.rpartition("/")
        parent, _, last = folder.rpartition("/")
        if file == session and last.startswith(SessionLayout.PREFIX) and parent in {"", study}:
            yield far.inner(folder)
