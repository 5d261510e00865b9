"""Writes a page that plays one reading of a dataset again."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command("replay")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.argument("reading")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The page (HTML).")
def command(dataset: Path, reading: str, out: Path) -> None:
    """Play READING of DATASET: fixations in time, words as they were said."""
    from gazekit.report.replay import write_replay

    emit(write_replay(dataset, reading, out))
