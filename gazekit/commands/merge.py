"""``gazekit merge``: join two datasets to one."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command("merge")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--allow-config", is_flag=True, help="Join them though their settings differ.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts of the result as JSON.")
def command(a: Path, b: Path, *, out: Path, allow_config: bool, as_json: bool) -> None:
    """Join datasets A and B to one in OUT; what both hold, or would leak, is refused.

    Their schemas must be of one major version. Settings that differ are listed and refused, or
    allowed as long as the columns are the same; those of A stand in the result.
    """
    from gazekit.build.merge import merge

    info = merge(a, b, out, allow_config=allow_config)
    rows = ", ".join(f"{sum(n.values())} {table}" for table, n in info.counts.items())
    emit(info if as_json else f"{out}: {rows}", as_json=as_json)
