"""``gazekit export``: hand a dataset to other tools."""

from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]


@click.group("export")
def command() -> None:
    """Hand a dataset to other tools."""


@command.command("table")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.argument("table")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", help="Only this split; all by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def _table(dataset: Path, table: str, out: Path, *, split: str | None, as_json: bool) -> None:
    """Write one TABLE of DATASET to OUT.csv or OUT.parquet.

    In CSV, lists are JSON text, and columns that hold images are left out.
    """
    from gazekit.export import export_table
    from gazekit.model.dataset import open_dataset

    rows, left_out = export_table(open_dataset(dataset), table, out=out, split=split)
    if left_out:
        say(f"left out, since CSV holds no images: {', '.join(left_out)}")
    result = {"out": str(out), "rows": rows, "left_out": left_out}
    emit(result if as_json else f"{out}: {rows} rows of {table}", as_json=as_json)


@command.command("bids")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="What DATASET was built from; the samples are there. May be repeated.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the images of a public dataset.",
)
@click.option("--key", type=click.Path(path_type=Path), help="Key file of the pseudonyms.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def _bids(
    dataset: Path,
    out: Path,
    *,
    sources: tuple[Path, ...],
    images: Path | None,
    key: Path | None,
    as_json: bool,
) -> int:
    """Write the readings of DATASET to the folder OUT as BIDS 1.11 eye-tracking.

    A dataset holds fixations; BIDS needs samples, which are read from the sources. Exit code 3
    says that a reading was left out. A public dataset needs the --images and the --key with which
    DATASET was built.
    """
    from gazekit.deid import KeyedPseudonyms, check_key
    from gazekit.export import export_bids
    from gazekit.model.dataset import open_dataset
    from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK
    from gazekit.read import SourceOptions, open_sources

    options = SourceOptions(
        images=images, pseudonyms=None if key is None else KeyedPseudonyms(check_key(key))
    )
    opened = [source for path in sources for source in open_sources(path, options=options)]
    result = export_bids(open_dataset(dataset), out, sources=opened)
    for line in result.left_out:
        say(f"left out: {line}")
    sentence = f"{out}: {result.runs} runs of {result.participants} participants"
    emit(result if as_json else sentence, as_json=as_json)
    return EXIT_EXCLUSIONS if result.left_out else EXIT_OK
