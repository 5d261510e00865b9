"""``capture report``: what was recorded in a session, and how good is it?"""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The page; default: beside SESSION.")
def command(session: Path, out: Path | None) -> None:
    """Write the report of a SESSION folder: quality, calibration, course, raw gaze on images."""
    from gazekit.report import write_session_report

    root = session.resolve()
    emit(write_session_report(session, out or root.with_name(f"{root.name}.html")))
