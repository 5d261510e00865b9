"""``gazekit source``: look into what a dataset could be built from."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit

if TYPE_CHECKING:
    from gazekit.read.survey import Survey

__all__ = ["command"]


@click.group("source")
def command() -> None:
    """Look into what a dataset could be built from."""


@command.command("describe")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", "kind", metavar="KIND", help="What PATH is, if not as found.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the images of a public dataset.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON line.")
def _describe(path: Path, *, kind: str | None, images: Path | None, as_json: bool) -> int:
    """Say what PATH is: readings, images, rates, columns, problems.

    No key is needed: pseudonyms are made with a passing one, and none is shown. Exit code 3 says
    that something would be left out of a dataset.
    """
    from gazekit.deid import PassingPseudonyms
    from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK
    from gazekit.read import SourceOptions
    from gazekit.read.survey import survey

    options = SourceOptions(images=images, pseudonyms=PassingPseudonyms())
    found = survey(path, kind=kind, options=options)
    if as_json:
        emit(found, as_json=True)
    else:
        _tell(found)
    return EXIT_EXCLUSIONS if found.problems else EXIT_OK


def _tell(found: "Survey") -> None:
    """Print the findings as a table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, show_header=False)
    rows = {
        "kind": f"{found.says} ({found.kind})",
        "readings": str(found.readings),
        "images": str(found.images),
        "patients": str(found.patients),
        "readers": str(found.readers),
        "duration": f"{found.minutes:g} min",
        "rate": ", ".join(f"{rate:g} Hz" for rate in found.rates_hz) or "no samples",
        "splits": ", ".join(f"{name} {count}" for name, count in found.splits.items()) or "none",
        "shown": ", ".join(f"{name} ({count})" for name, count in found.shown.items()),
        "messages": ", ".join(f"{name} ({count})" for name, count in found.messages.items()),
        "note": "\n".join(found.assumptions),
        **{f"columns of {name}": ", ".join(names) for name, names in found.columns.items()},
        **{
            f"problem: {problem.reason} ({problem.count})": problem.first
            for problem in found.problems
        },
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, value)
    Console().print(table, markup=False)
