"""How is a recording of Gazepoint Analysis read? The CSV file of all gaze of one participant.

Gaze is a fraction of the screen, (0, 0) top-left. BPOG is the raw sample, FPOG the vendor's
fixation, each with its validity; in exports without validity a blink shows as BKID above 0. The
name of the time column holds the recording's start, ``TIME(2021/07/13 09:21:09.801)``. Seconds
begin anew with each medium, so that the computer's ticks at its first sample place them on one
clock. A comma at the end of each line makes a last column without a name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import Event, ScreenRecord
from gazekit.model.schemas import empty_table
from gazekit.read.cells import Block, ascending, whole_us
from gazekit.read.delimited import Delimited
from gazekit.read.raw import samples_table
from gazekit.read.recording import Chunk, OneFile, Shown

__all__ = ["GazepointFile", "is_gazepoint"]

_Floats = NDArray[np.float64]

_TIME = re.compile(r"time\s*\(", re.IGNORECASE)
_TICK = re.compile(r"timetick\s*\(\s*f\s*=\s*(\d+)", re.IGNORECASE)
_WANTED = (
    "MEDIA_ID",
    "MEDIA_NAME",
    *("FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGID", "FPOGV"),
    *("BPOGX", "BPOGY", "BPOGV", "LPOGX", "LPOGY", "LPOGV", "RPOGX", "RPOGY", "RPOGV"),
    *("LPMM", "LPMMV", "RPMM", "RPMMV", "BKID"),
)
_NEEDED = ("TIME", "BPOGX", "BPOGY")
_US = 1e6
_LONGEST_STEP_US = 50_000


def is_gazepoint(path: Path) -> bool:
    """Tell whether a file is a Gazepoint export, by its header."""
    try:
        names = [name.upper() for name in Delimited(path, ",").header()]
    except DataError:
        return False
    return (
        {"FPOGX", "BPOGX", "MEDIA_ID"} <= set(names)
        and any(_TIME.match(name) for name in names)
        and "DICOM_ID" not in names
    )


class GazepointFile(OneFile):
    """A file ``User N_all_gaze.csv``."""

    def chunks(self) -> Iterator[Chunk]:
        """Read it, a block at a time.

        Raises
        ------
        DataError
            A column is missing, a cell is broken, or the time goes backwards within a medium.
        """
        places, tick_hz = self._places()
        walk = _Walk(self.screen, tick_hz)
        for block in Delimited(self.path, ",").blocks(places.values(), list(places)):
            yield walk.chunk(block)
        yield Chunk(empty_table("samples"), events=tuple(walk.close()))

    def _places(self) -> tuple[dict[str, int], float | None]:
        names = Delimited(self.path, ",").header()
        places: dict[str, int] = {}
        tick_hz = None
        for at, name in enumerate(names):
            if tick := _TICK.match(name):
                places["TICK"], tick_hz = at, float(tick[1])
            elif _TIME.match(name):
                places["TIME"] = at
            elif name.upper() in _WANTED:
                places.setdefault(name.upper(), at)
        missing = [name for name in _NEEDED if name not in places]
        if missing:
            raise DataError(
                "a column is missing",
                where=f"{self.path.name}: row 1",
                expected=missing[0],
                found=f"{len(names)} columns without it",
                remedy="export all gaze from Gazepoint Analysis",
            )
        return places, tick_hz


@dataclass
class _Walk:
    """What must be remembered from one block to the next."""

    screen: ScreenRecord
    tick_hz: float | None
    media: tuple[str, ...] | None = None
    base_us: int = 0
    in_media_us: int | None = None
    last_us: int | None = None
    fixation: tuple[float, Event] | None = None
    events: list[Event] = field(default_factory=list)

    def chunk(self, block: Block) -> Chunk:
        """Make a chunk; the rows of each medium are placed on one clock."""
        inside = whole_us(block, "TIME", _US)
        _check_rate(block, inside)
        names = [
            tuple(text for text in row if text)
            for row in zip(
                *(
                    block.texts(n) if n in block.columns else [""] * len(block)
                    for n in ("MEDIA_NAME", "MEDIA_ID")
                ),
                strict=True,
            )
        ]
        starts = [at for at in range(len(block)) if at == 0 or names[at] != names[at - 1]]
        time = np.empty(len(block), np.int64)
        shown = []
        for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
            part = np.zeros(len(block), bool)
            part[start:end] = True
            if names[start] != self.media:
                self._next(block, start, inside[start])
                self.media = names[start]
                shown.append(Shown(self.base_us + int(inside[start]), names[start]))
            ascending(block.filtered(part), inside[start:end], self.in_media_us)
            self.in_media_us = int(inside[end - 1])
            time[start:end] = inside[start:end] + self.base_us
            self._fixations(block.filtered(part))
            self.last_us = int(time[end - 1])
        done, self.events = self.events, []
        return Chunk(samples_table(self._columns(block, time)), tuple(shown), tuple(done))

    def close(self) -> list[Event]:
        """Return the fixation that was going on at the end."""
        if self.fixation is not None:
            self.events.append(self.fixation[1])
        return self.events

    def _next(self, block: Block, at: int, inside_us: np.int64) -> None:
        """Place the next medium: by the ticks at its first sample, else after the last one."""
        self.in_media_us = None
        after = 0 if self.last_us is None else self.last_us + 1
        if self.tick_hz is not None:
            tick = float(block.numbers("TICK")[at])
            if np.isnan(tick):
                raise block.error("a row has no tick", at)
            self.base_us = max(round(tick / self.tick_hz * _US) - int(inside_us), after)
        else:
            self.base_us = after

    def _fixations(self, rows: Block) -> None:
        """Follow the vendor's fixations; the last valid row of each tells its duration."""
        if not {"FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGID", "FPOGV"} <= rows.columns.keys():
            return
        values = [rows.numbers(n) for n in ("FPOGID", "FPOGS", "FPOGD", "FPOGX", "FPOGY")]
        valid = (rows.numbers("FPOGV") == 1) & ~np.isnan(values).any(axis=0)
        index, start, length, x, y = (column[valid] for column in values)
        for at in range(index.size):
            moment = self.base_us + round(float(start[at]) * _US)
            if self.fixation and (index[at], moment) != (
                self.fixation[0],
                self.fixation[1].time_us,
            ):
                self.events.append(self.fixation[1])
            self.fixation = (
                float(index[at]),
                Event(
                    time_us=moment,
                    kind="vendor_fixation",
                    duration_us=round(float(length[at]) * _US),
                    value={
                        "index": int(index[at]),
                        "x_px": float(x[at]) * self.screen.width_px,
                        "y_px": float(y[at]) * self.screen.height_px,
                    },
                ),
            )

    def _columns(self, rows: Block, time: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
        nothing = np.full(time.size, np.nan)
        columns: dict[str, NDArray[np.generic]] = {"time_us": time, "distance_mm": nothing}
        apart = {"LPOGX", "LPOGY", "RPOGX", "RPOGY"} <= rows.columns.keys()
        for eye, letter in (("left", "L"), ("right", "R")):
            point = f"{letter}POG" if apart else "BPOG"
            lost = _lost(rows, f"{point}V")
            x, y = (rows.numbers(f"{point}{axis}") for axis in "XY")
            columns[f"{eye}_x_px"] = np.where(lost, np.nan, x * self.screen.width_px)
            columns[f"{eye}_y_px"] = np.where(lost, np.nan, y * self.screen.height_px)
            known = f"{letter}PMM" in rows.columns
            pupil = rows.numbers(f"{letter}PMM") if known else nothing
            bad = _lost(rows, f"{letter}PMMV") | ~(pupil > 0)
            columns[f"{eye}_pupil_mm"] = np.where(bad, np.nan, pupil)
        return columns


def _check_rate(block: Block, inside_us: NDArray[np.int64]) -> None:
    """Refuse the vendor's file of fixations, which has the same columns."""
    steps = np.diff(inside_us)
    steps = steps[steps > 0]
    if steps.size and np.median(steps) > _LONGEST_STEP_US:
        raise block.error(
            "these are fixations, not samples",
            0,
            expected=f"a sample at least every {_LONGEST_STEP_US / 1e3:g} ms",
            found=f"one every {np.median(steps) / 1e3:.0f} ms",
            remedy="take the file of all gaze, such as User 0_all_gaze.csv",
        )


def _lost(rows: Block, validity: str) -> NDArray[np.bool_]:
    """Mark what is not valid; without a validity column, what lies in a blink."""
    if validity in rows.columns:
        return np.asarray(rows.numbers(validity) != 1)
    if "BKID" in rows.columns:
        return np.asarray(rows.numbers("BKID") > 0)
    return np.zeros(len(rows), bool)
