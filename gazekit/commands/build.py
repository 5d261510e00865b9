"""``gazekit build``: build a dataset from sessions or a source description."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gazekit.console import Ticker, emit, progress, say

if TYPE_CHECKING:
    from gazekit.build import BuildConfig, BuildResult, Running
    from gazekit.read import SourceOptions

__all__ = ["command", "dataset_options", "run_build"]

_MOST_LINES = 20
_MB = 1e6
_A_LINE_S = 30.0
_MINUTE_S = 60.0

_F = TypeVar("_F", bound=Callable[..., object])


def dataset_options(function: _F) -> _F:
    """Add the options that decide what a dataset holds and where its parts are made."""
    for option in reversed(_DATASET_OPTIONS):
        function = option(function)
    return function


_DATASET_OPTIONS = (
    click.argument("sources", nargs=-1, required=True, metavar="SOURCES..."),
    click.option("--out", required=True, metavar="PATH", help="Dataset folder, or a URL."),
    click.option("--source", "kind", metavar="KIND", help="What SOURCES are, if not as found."),
    click.option(
        "--images",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder with the images of a public dataset.",
    ),
    click.option("--key", type=click.Path(path_type=Path), help="Key file for pseudonyms."),
    click.option("--config", type=click.Path(path_type=Path), help="Build configuration, TOML."),
    click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one setting."
    ),
    click.option(
        "--with-samples/--without-samples", default=None, help="Keep cleaned gaze samples too."
    ),
    click.option(
        "--with-audio/--without-audio", default=None, help="Keep what was said too, as sound."
    ),
    click.option(
        "--embed-images/--no-embed-images", default=None, help="PNG of the images in the dataset."
    ),
    click.option("--heatmap-grid", type=int, metavar="N", help="Side of the stored heatmaps."),
    click.option(
        "--exclusions",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Readings to leave out; DATASET.exclusions.toml by default, where it is.",
    ),
    click.option("--name", help="Name of the dataset; that of its folder by default."),
    click.option(
        "--scratch",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where a dataset for a URL is built, and its parts are kept.",
    ),
    click.option("--rehash", is_flag=True, help="Read files again whose size and time are old."),
    click.option("--prune", is_flag=True, help="Remove built parts that are not needed any more."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
)


@click.command("build")
@dataset_options
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core by default.")
@click.option(
    "--executor",
    type=click.Choice(["serial", "processes", "dask"]),
    default="processes",
    show_default=True,
    help="Where the work is done.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler.")
@click.option("--shard", metavar="I/N", help="Make one share of the parts; see gazekit pack.")
@click.option("--dry-run", is_flag=True, help="Say what would be built; write nothing.")
def command(
    *,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    shard: str | None,
    dry_run: bool,
    **given: Any,  # noqa: ANN401 - the options that pack shares
) -> int:
    """Build a dataset from SOURCES: sessions, source descriptions, public datasets.

    What a source is, its content tells; public datasets name patients, so that they need a --key.

    A second build makes only what is missing. Exit code 3 says that something was left out;
    each exclusion is listed, here and in the dataset.
    """
    import msgspec

    from gazekit.build import Running, Shard

    running = Running(
        workers=workers,
        executor=msgspec.convert(executor, type=Running.__annotations__["executor"]),
        scheduler=scheduler,
        shard=None if shard is None else Shard.of(shard),
        dry_run=dry_run,
        rehash=given["rehash"],
        prune=given["prune"],
    )
    return run_build(running, **given)


def run_build(running: "Running", **given: Any) -> int:  # noqa: ANN401 - as click gives them
    """Build, show progress, and print the result; return the exit code."""
    from gazekit.build.far import build_anywhere

    with ExitStack() as stack:
        result = build_anywhere(
            given["sources"],
            given["out"],
            config=_config(given),
            name=given["name"],
            progress=_shown(stack),
            kind=given["kind"],
            options=_options(given),
            exclusions=given["exclusions"],
            running=running,
            scratch=given["scratch"],
            say=say,
        )
    _tell(result)
    emit(result if given["as_json"] else _sentence(result), as_json=given["as_json"])
    return result.exit_code


def _options(given: dict[str, Any]) -> "SourceOptions":
    from gazekit.deid import KeyedPseudonyms, check_key
    from gazekit.read import SourceOptions

    key = given["key"]
    return SourceOptions(
        images=given["images"],
        pseudonyms=None if key is None else KeyedPseudonyms(check_key(key)),
    )


def _config(given: dict[str, Any]) -> "BuildConfig":
    """Read the configuration; options of their own go before it."""
    from gazekit.build import BuildConfig
    from gazekit.model.config import load_toml, parse_toml

    own = {
        "samples": given["with_samples"],
        "audio": given["with_audio"],
        "images.embed": given["embed_images"],
        "render.heatmap_grid": given["heatmap_grid"],
    }
    settings = list(given["settings"])
    settings += [f"{key}={str(value).lower()}" for key, value in own.items() if value is not None]
    if given["config"] is not None:
        return load_toml(given["config"], BuildConfig, settings)
    return parse_toml("", BuildConfig, where="--set", overrides=settings)


def _tell(result: "BuildResult") -> None:
    for found in result.excluded[:_MOST_LINES]:
        say(f"left out: {found.unit} {found.unit_id}: {found.reason}: {found.detail}")
    if len(result.excluded) > _MOST_LINES:
        say(f"... and {len(result.excluded) - _MOST_LINES} more, in meta/exclusions.parquet")
    for line in result.warnings:
        say(f"warning: {line}")
    if result.seen:
        say(
            f"{result.seen} sources were not read: sizes and times of their files are as they "
            "were. Read them with: --rehash"
        )
    for key in result.pruned[:_MOST_LINES]:
        say(f"{'would remove' if result.dry_run else 'removed'}: built part {key[:12]}")
    if len(result.pruned) > _MOST_LINES:
        say(f"... and {len(result.pruned) - _MOST_LINES} more")


def _shown(stack: ExitStack) -> Callable[[str, int, int], None]:
    """Return a callback that shows one bar a stage; lines now and then where it is no terminal."""
    bars: dict[str, tuple[Ticker, int]] = {}
    since: dict[str, float] = {}
    said: dict[str, float] = {}

    def note(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage not in bars:
            stack.close()
            if total == 0:
                return
            bars[stage] = (stack.enter_context(progress(stage, total)), 0)
            since[stage] = said[stage] = now
        ticker, before = bars[stage]
        ticker.tick(done - before)
        bars[stage] = (ticker, done)
        if done and now > since[stage]:
            rate = done / (now - since[stage])
            ticker.describe(f"{stage} {rate:.1f}/s")
            if not sys.stderr.isatty() and now - said[stage] > _A_LINE_S:
                said[stage] = now
                left = (total - done) / rate / _MINUTE_S
                say(f"{stage} {done} of {total}, {rate:.1f}/s, {left:.0f} min left")

    return note


def _sentence(result: "BuildResult") -> str:
    if result.dry_run:
        line = f"{result.made} units to make, {result.reused} there already"
        if result.estimate is not None and result.made:
            size = result.estimate.size_bytes / _MB
            line += f"; about {result.estimate.seconds:.0f} s, {size:.1f} MB"
        return line
    if result.shard is not None:
        return (
            f"{result.dataset}: share {result.shard}: {result.made} units made. When all shares "
            "are, type: gazekit pack, with the same sources and settings"
        )
    rows = {table: sum(by_split.values()) for table, by_split in result.counts.items()}
    return (
        f"{result.dataset}: {rows['readings']} readings, {rows['keyframes']} key frames, "
        f"{rows['fixations']} fixations, {rows['images']} images; {result.exclusions} exclusions; "
        f"{result.made} units made, {result.reused} reused"
        + ("; nothing has changed" if result.unchanged else "")
    )
