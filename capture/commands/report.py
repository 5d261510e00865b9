"""``capture report``: what was recorded in sessions, and how good is it?"""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK, UsageError

__all__ = ["command"]


@click.command()
@click.argument("sessions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The page, or the folder of the pages of several sessions; default: here.",
)
def command(sessions: tuple[Path, ...], out: Path | None) -> int:
    """Write the report of SESSIONS: quality, calibration, course, raw gaze on images.

    Of several sessions a page each, and sessions.html, which says what to redo and leads to them.
    """
    if len(sessions) == 1:
        return _one(sessions[0], out)
    from gazekit.report import write_sessions_report

    if out is not None and out.exists() and not out.is_dir():
        raise UsageError("this is a file", where="--out", expected="a folder", found=out.name)
    made = write_sessions_report(sessions, _folder(sessions, out))
    for error in made.unread:
        say(f"cannot be read: {error}")
    emit(made.page)
    return EXIT_EXCLUSIONS if made.unread else EXIT_OK


def _one(session: Path, out: Path | None) -> int:
    from gazekit.report import write_session_report

    if out is not None and out.is_dir():
        raise UsageError("this is a folder", where="--out", expected="a file", found=out.name)
    root = session.resolve()
    emit(write_session_report(session, out or _outside([root], Path.cwd()) / f"{root.name}.html"))
    return EXIT_OK


def _folder(sessions: tuple[Path, ...], out: Path | None) -> Path:
    roots = [session.resolve() for session in sessions]
    folder = Path.cwd() if out is None else out.resolve()
    outside = _outside(roots, folder)
    if out is not None and outside != folder:
        raise UsageError(
            "a session is sealed: nothing is written into it",
            where="--out",
            expected="a folder outside the sessions",
            found=out.name,
        )
    return outside


def _outside(roots: list[Path], folder: Path) -> Path:
    """Return the folder, or the one around the session that it lies in: a session is sealed."""
    return next((root.parent for root in roots if root in {folder, *folder.parents}), folder)
