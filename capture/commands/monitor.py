"""``capture monitor``: watch a session while it is recorded."""

from pathlib import Path

import click

__all__ = ["command"]


@click.command()
@click.argument("session", type=click.Path(path_type=Path), default=".")
def command(session: Path) -> int:
    """Watch SESSION, or the newest session that is being recorded under that folder.

    It only reads the session's folder, so that it cannot disturb the recording; what the operator
    presses is written beside it for the recording program to read.
    """
    from capture.monitor.app import run_monitor

    return run_monitor(session)
