"""``capture list``: which sessions are here, and what is each worth?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit, say

if TYPE_CHECKING:
    from capture.catalogue import SessionLine

__all__ = ["command"]

_ABSENT = "–"
_WIDE = 400
_TONES = {"recording": "cyan", "open": "red", "damaged": "red", "recovered": "yellow"}


@click.command()
@click.argument("parent", type=click.Path(path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a session.")
def command(parent: Path, *, as_json: bool) -> None:
    """List the sessions under the folder PARENT: state, reader, readings, quality, size."""
    from capture.catalogue import catalogue

    lines = list(catalogue(parent))
    if as_json:
        for line in lines:
            emit(line, as_json=True)
        return
    if not lines:
        say(f"no session is in {parent}")
        return
    _show(lines)
    waiting = [line.session for line in lines if line.state == "open"]
    if waiting:
        say(f"{len(waiting)} cut by a crash; mend with: capture recover {parent / waiting[0]}")


def _show(lines: "list[SessionLine]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("session", "state", "reader", "recorded at"):
        table.add_column(name, no_wrap=True)
    for name in ("readings", "minutes", "loss", "accuracy", "MB"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        state = f"{line.state}, simulated" if line.simulated else line.state
        table.add_row(
            line.session,
            Text(state, style=_TONES.get(line.state, "")),
            line.reader or _ABSENT,
            (line.created_at or _ABSENT)[:16].replace("T", " "),
            _ABSENT if line.complete is None else f"{line.complete} of {line.planned}",
            _number(line.duration_s, 60, 1),
            _number(line.data_loss, 0.01, 1, " %"),
            _number(line.accuracy_deg, 1, 2, "°"),
            f"{line.size_bytes / 1e6:.1f}",
        )
    # Columns that are cut say nothing, so lines rather wrap where the terminal is narrow.
    console = Console(width=_WIDE)
    console.width = console.measure(table).maximum
    console.print(table, soft_wrap=True)
    for line in lines:
        if line.problem:
            say(f"{line.session}: {line.problem}")


def _number(value: float | None, unit: float, digits: int, sign: str = "") -> str:
    return _ABSENT if value is None else f"{value / unit:.{digits}f}{sign}"
