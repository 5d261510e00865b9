"""``gazekit build``: build a dataset from sessions or a source description."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import Ticker, emit, progress, say

if TYPE_CHECKING:
    from gazekit.build import BuildResult

__all__ = ["command"]

_MOST_LINES = 20


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--source", "kind", metavar="KIND", help="What SOURCES are, if not as found.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the images of a public dataset.",
)
@click.option("--key", type=click.Path(path_type=Path), help="Key file for pseudonyms.")
@click.option("--config", type=click.Path(path_type=Path), help="Build configuration, TOML.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one setting.")
@click.option("--name", help="Name of the dataset; that of its folder by default.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core by default.")
@click.option("--dry-run", is_flag=True, help="Say what would be built; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    sources: tuple[Path, ...],
    *,
    out: Path,
    kind: str | None,
    images: Path | None,
    key: Path | None,
    config: Path | None,
    settings: tuple[str, ...],
    name: str | None,
    workers: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Build a dataset from SOURCES: sessions, source descriptions, public datasets.

    What a source is, its content tells; public datasets name patients, so that they need a --key.

    A second build makes only what is missing. Exit code 3 says that something was left out;
    each exclusion is listed, here and in the dataset.
    """
    from gazekit.build import BuildConfig, build
    from gazekit.deid import KeyedPseudonyms, check_key
    from gazekit.model.config import load_toml, parse_toml
    from gazekit.read import SourceOptions, source_kind

    if config is not None:
        chosen = load_toml(config, BuildConfig, settings)
    else:
        chosen = parse_toml("", BuildConfig, where="--set", overrides=settings)
    for path in sources:
        say(f"{path}: {source_kind(path, kind).says}")
    options = SourceOptions(
        images=images, pseudonyms=None if key is None else KeyedPseudonyms(check_key(key))
    )
    with ExitStack() as stack:
        result = build(
            sources,
            out,
            config=chosen,
            name=name,
            workers=workers,
            dry_run=dry_run,
            progress=_shown(stack),
            kind=kind,
            options=options,
        )
    for found in result.excluded[:_MOST_LINES]:
        say(f"left out: {found.unit} {found.unit_id}: {found.reason}: {found.detail}")
    if len(result.excluded) > _MOST_LINES:
        say(f"... and {len(result.excluded) - _MOST_LINES} more, in meta/exclusions.parquet")
    emit(result if as_json else _sentence(result), as_json=as_json)
    return result.exit_code


def _shown(stack: ExitStack) -> Callable[[str, int, int], None]:
    """Return a callback that shows one bar a stage."""
    bars: dict[str, tuple[Ticker, int]] = {}

    def note(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            stack.close()
            if total == 0:
                return
            bars[stage] = (stack.enter_context(progress(stage, total)), 0)
        ticker, before = bars[stage]
        ticker.tick(done - before)
        bars[stage] = (ticker, done)

    return note


def _sentence(result: "BuildResult") -> str:
    if result.dry_run:
        return f"{result.made} units to make, {result.reused} there already"
    rows = {table: sum(by_split.values()) for table, by_split in result.counts.items()}
    return (
        f"{result.dataset}: {rows['readings']} readings, {rows['keyframes']} key frames, "
        f"{rows['fixations']} fixations, {rows['images']} images; {result.exclusions} exclusions; "
        f"{result.made} units made, {result.reused} reused"
    )
