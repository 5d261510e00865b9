"""``capture launch``: a dialog in place of the command line."""

from pathlib import Path

import click

__all__ = ["command"]


@click.command()
@click.option(
    "--protocols",
    type=click.Path(path_type=Path),
    default="protocols",
    show_default=True,
    help="Folder whose protocols are offered.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="sessions",
    show_default=True,
    help="Folder that sessions go into.",
)
def command(protocols: Path, out: Path) -> int:
    """Choose protocol, reader's code, folder and tracker, check the station, start the session."""
    from capture.launcher.app import run_launcher

    return run_launcher(protocols.resolve(), out.resolve())
