"""``gazekit diff``: say what differs between two datasets."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit
from gazekit.model.errors import EXIT_FAILED, EXIT_OK

if TYPE_CHECKING:
    from gazekit.build.compare import Difference, TableDifference

__all__ = ["command"]


@click.command("diff")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def command(a: Path, b: Path, *, as_json: bool) -> int:
    """Say what differs between datasets A and B: schema, settings, rows by key, exclusions.

    Exit code 0 says that nothing does, 1 that something does.
    """
    from gazekit.build.compare import compare
    from gazekit.model.dataset import open_dataset

    found = compare(open_dataset(a), open_dataset(b))
    if as_json:
        emit(found, as_json=True)
    else:
        for line in _lines(found):
            emit(line)
    return EXIT_FAILED if found.any else EXIT_OK


def _lines(found: "Difference") -> list[str]:
    if not found.any:
        return ["nothing differs"]
    lines = [] if found.schema is None else [f"schema: {found.schema[0]} -> {found.schema[1]}"]
    lines += [f"{key}: {here!r} -> {there!r}" for key, (here, there) in found.config.items()]
    for name, rows in (*found.tables.items(), ("exclusions", found.exclusions)):
        if rows.any:
            lines.append(
                f"{name}: {rows.added} added, {rows.removed} removed, {rows.changed} changed"
            )
            lines += _named(rows)
    return lines


def _named(rows: "TableDifference") -> list[str]:
    marks = (("+", rows.first_added), ("-", rows.first_removed), ("~", rows.first_changed))
    return [f"  {mark} {name}" for mark, names in marks for name in names]
