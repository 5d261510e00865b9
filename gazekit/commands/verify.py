"""``gazekit verify``: check a dataset."""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_DATA, EXIT_OK

__all__ = ["command"]


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(dataset: Path, *, as_json: bool) -> int:
    """Check DATASET: checksums, schemas, rows, links, splits, heatmaps; a line for each problem."""
    from gazekit.build import verify_dataset

    problems = [str(problem) for problem in verify_dataset(dataset)]
    if as_json:
        emit({"dataset": str(dataset), "problems": problems}, as_json=True)
    else:
        for problem in problems:
            say(problem)
        emit(f"{dataset}: {len(problems)} problems" if problems else f"{dataset}: sound")
    return EXIT_DATA if problems else EXIT_OK
