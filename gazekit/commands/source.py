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


@command.command("convert")
@click.argument("recording", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--recording", "name", help="Which one, where the file holds several.")
@click.option("--screen", metavar="WxH", help="The display in pixels, where RECORDING is silent.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def _convert(
    recording: Path, out: Path, *, name: str | None, screen: str | None, as_json: bool
) -> int:
    """Write RECORDING as gaze dictionaries of the Tobii SDK, which capture can replay.

    It may be an export of Pro Lab, a TSV of the old SDK or any other recording that gazekit reads.
    """
    from gazekit.model.errors import EXIT_OK
    from gazekit.read.sdk_lines import convert_recording

    count = convert_recording(recording, out, screen_px=_screen(screen), name=name)
    told = f"{count} samples. Replay them with: capture run PROTOCOL --tracker replay:{out.name}"
    emit({"out": str(out), "samples": count} if as_json else told, as_json=as_json)
    return EXIT_OK


def _screen(text: str | None) -> tuple[int, int] | None:
    from gazekit.model.errors import UsageError

    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise UsageError("no size of a display", where="--screen", expected="1920x1080", found=text)
    return int(width), int(height)


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
