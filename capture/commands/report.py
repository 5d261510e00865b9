"""``capture report``: what was recorded in a session, and how good is it?"""

from pathlib import Path

import click

from gazekit.console import emit
from gazekit.model.errors import UsageError

__all__ = ["command"]


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The page; default: here.")
def command(session: Path, out: Path | None) -> None:
    """Write the report of a SESSION folder: quality, calibration, course, raw gaze on images."""
    from gazekit.report import write_session_report

    if out is not None and out.is_dir():
        raise UsageError("this is a folder", where="--out", expected="a file", found=out.name)
    emit(write_session_report(session, out or _place(session.resolve())))


def _place(root: Path) -> Path:
    """Put the page where the user is, but never into the session, which is sealed."""
    here = Path.cwd()
    folder = root.parent if root in {here, *here.parents} else here
    return folder / f"{root.name}.html"
