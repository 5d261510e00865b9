"""``gazekit export``: hand a dataset to other tools."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gazekit.console import emit, progress, say

if TYPE_CHECKING:
    from gazekit.export.task_formats import Format

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


def _task_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command what both exports of tasks take."""
    options = [
        click.argument("dataset", type=click.Path(path_type=Path)),
        click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder."),
        click.option("--tasks", metavar="A,B", help="Only these tasks; all by default."),
        click.option("--split", help="Only this split; all by default."),
        click.option(
            "--limit", type=click.IntRange(min=1), help="At most so many of a task and split."
        ),
        click.option(
            "--seed", type=int, default=0, show_default=True, help="Chooses wording and orders."
        ),
        click.option(
            "--coordinates",
            type=click.Choice(["norm1000", "pixels"]),
            default="norm1000",
            show_default=True,
            help="0 to 1000 along each side, or pixels of the picture.",
        ),
        click.option(
            "--frame-px",
            type=click.IntRange(min=32, max=4096),
            default=512,
            show_default=True,
            help="Longest side of a frame.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@command.command("llamafactory")
@_task_options
@click.option(
    "--frames",
    type=click.Choice(["video", "images"]),
    default="video",
    show_default=True,
    help="A list of frames under one <video>, or an <image> for each.",
)
def _llamafactory(dataset: Path, **options: Any) -> int:  # noqa: ANN401 - click fills them
    """Write the pretraining tasks of DATASET for LLaMA-Factory.

    ShareGPT-style JSON, dataset_info.json, images, and frames as PNG. The same command goes on
    with an export that was cut. Exit code 3 says that samples were left out.
    """
    return _export_tasks(dataset, "llamafactory", **options)


@command.command("chat")
@_task_options
def _chat(dataset: Path, **options: Any) -> int:  # noqa: ANN401 - as above
    """Write the pretraining tasks of DATASET as chat messages, a JSON line each.

    As the chat templates of Hugging Face processors take them; every frame is an image. The same
    command goes on with an export that was cut. Exit code 3 says that samples were left out.
    """
    return _export_tasks(dataset, "chat", frames="images", **options)


def _export_tasks(
    dataset: Path,
    form: "Format",
    *,
    out: Path,
    tasks: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - they are TaskOptions, which checks them
) -> int:
    from gazekit.export import check_tasks, export_tasks
    from gazekit.model.dataset import open_dataset
    from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK
    from gazekit.tasks import TaskOptions

    chosen = TaskOptions(tasks=check_tasks(tasks), **options)
    opened = open_dataset(dataset)
    with progress("readings", opened.count("readings", chosen.split)) as tick:
        made = export_tasks(opened, out, form=form, options=chosen, progress=tick.tick)
    if made.left_out:
        say(f"left out: {made.left_out} samples, since their image is not in the dataset")
    total = sum(count for by_split in made.counts.values() for count in by_split.values())
    said = f"{out}: {total} samples of {len(made.counts)} tasks, {made.frames} frames"
    emit(made if as_json else said, as_json=as_json)
    return EXIT_EXCLUSIONS if made.left_out else EXIT_OK
