"""``gazekit migrate``: bring a dataset to the schema of this version."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command("migrate")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(dataset: Path, *, as_json: bool) -> None:
    """Bring DATASET to the schema of this version, in place; it is replaced when that is whole."""
    from gazekit.build.migrate import migrate

    done = migrate(dataset)
    if done.before == done.after:
        said = f"{dataset}: schema {done.after} is the current one; nothing to do"
    else:
        rows = ", ".join(f"{count} {table}" for table, count in done.rows.items())
        said = f"{dataset}: schema {done.before} -> {done.after}: {rows}"
    emit(done if as_json else said, as_json=as_json)
