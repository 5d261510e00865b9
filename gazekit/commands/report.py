"""Writes the report of a dataset as one HTML page."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command("report")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The page; default: in the dataset.")
@click.option(
    "--readings",
    type=click.IntRange(min=0),
    default=24,
    show_default=True,
    help="How many readings to show with pictures.",
)
def command(dataset: Path, out: Path | None, readings: int) -> None:
    """Write the report of DATASET: counts, quality, exclusions, scanpaths and heatmaps."""
    from gazekit.report import write_dataset_report

    emit(write_dataset_report(dataset, out, readings=readings))
