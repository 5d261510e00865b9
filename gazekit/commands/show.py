"""Says what a session, dataset, table, image, run, protocol or source description holds."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit, say
from gazekit.model.errors import UsageError

if TYPE_CHECKING:
    from gazekit.report.holds import Holding

__all__ = ["command"]

_UNITS = {"s": "s", "us": "µs", "ms": "ms", "hz": "Hz", "px": "px", "mm": "mm", "deg": "deg"}
_WHOLE = 1000


@click.command("show")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON line.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw a reading into this PNG.")
@click.option("--reading", help="Which reading to draw; default: the first.")
@click.option("--screen", metavar="WxHpx,WxHmm,Dmm", help="Of a recording that does not say.")
def command(
    path: Path, plot: Path | None, reading: str | None, screen: str | None, *, as_json: bool
) -> None:
    """Say what PATH is and what it holds.

    PATH is a session, study, dataset, run or prediction folder, a folder of sessions, a Parquet
    file of a dataset, a DICOM or PNG image, a protocol or a source description (TOML). With --plot
    it may also be a recording: a tracker's file, or a table as `gazekit detect` takes it.
    """
    from gazekit.report.holds import holding_of

    if reading is not None and plot is None:
        raise UsageError("--reading says what to draw", remedy="add --plot OUT.png")
    if plot is not None and _is_recording(path):
        _plot_recording(path, plot, screen)
        return
    held = holding_of(path)
    if as_json:
        emit(held, as_json=True)
    else:
        _tell(held)
    if plot is not None:
        _plot(path, plot, reading)


def _is_recording(path: Path) -> bool:
    from gazekit.read.samples_file import is_samples_table
    from gazekit.read.trackers import recording_kind

    return path.is_file() and (is_samples_table(path) or recording_kind(path) is not None)


def _plot_recording(path: Path, out: Path, screen: str | None) -> None:
    from gazekit.commands.detect import parse_screen
    from gazekit.read.samples_file import open_samples
    from gazekit.report.signal_plot import plot_recording

    plot_recording(open_samples(path, screen=parse_screen(screen)), out)
    say(f"drawn: {out}")


def _plot(path: Path, out: Path, reading: str | None) -> None:
    from gazekit.report.holds import is_dataset, is_session
    from gazekit.report.plot import plot_dataset, plot_session

    if is_session(path):
        plot_session(path, out, reading=reading)
    elif is_dataset(path):
        plot_dataset(path, out, reading=reading)
    else:
        raise UsageError("only a session or a dataset can be drawn", where=path.name)
    say(f"drawn: {out}")


def _tell(held: "Holding") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    console.print(Text.assemble((held.name, "bold"), f"  {held.kind}"))
    for title, facts in held.facts.items():
        if not facts:
            continue
        grid = Table(title=title, title_justify="left", box=None, show_header=False, padding=(0, 2))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for name, value in facts.items():
            grid.add_row(Text(_named(name)), Text(_said(value)))
        console.print(grid)


def _named(name: str) -> str:
    stem, _, last = name.rpartition("_")
    unit = _UNITS.get(last)
    return f"{stem if unit and stem else name}{f' ({unit})' if unit and stem else ''}".replace(
        "_", " "
    )


def _said(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        digits = ".0f" if abs(value) >= _WHOLE else ".4g"
        return f"{value:,{digits}}" if math.isfinite(value) else "-"
    return str(value)
