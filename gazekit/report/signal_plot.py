"""How does one recording look over time: gaze, speed and events, raw and cleaned, as a picture?"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean import Gaze, GivenGaze, angular_velocity, detect, given_gaze
from gazekit.model.errors import DataError
from gazekit.model.files import atomic_path
from gazekit.model.records import ScreenRecord
from gazekit.model.version import DISCLAIMER
from gazekit.read.samples_file import SamplesFile
from gazekit.report.figures.main_sequence import draw_main_sequence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_recording"]

_COLOURS = {
    "fixation": "#4c9f70",
    "saccade": "#d1495b",
    "pso": "#edae49",
    "pursuit": "#3d6fb4",
    "blink": "#8d8d8d",
}
_MOST_S = 30.0
_EYE_COLOURS = ("#9db8d9", "#d9b39d")


def plot_recording(recording: SamplesFile, out: Path, *, detector: str = "default") -> None:
    """Draw x, y and speed over time with the events in colour, and the main sequence.

    A recording of more than half a minute is drawn to there; its events are those of that part.

    Raises
    ------
    DataError
        The recording has no sample.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    given = given_gaze(_beginning(recording))
    gaze = given.cleaned(recording.screen)
    events = detect(gaze, recording.screen, detector=detector, params={})
    figure = Figure(figsize=(13, 8.5), layout="constrained")
    grid = figure.add_gridspec(3, 4)
    over_time = [figure.add_subplot(grid[row, :3]) for row in range(3)]
    _places(over_time, given, gaze)
    _speed(over_time[2], gaze, recording.screen)
    _spans(over_time, events, int(given.time_us[0]))
    draw_main_sequence(
        _column(events, "saccade", "amplitude_deg"),
        _column(events, "saccade", "peak_velocity_deg_s"),
        ax=figure.add_subplot(grid[:2, 3]),
    )
    _durations(figure.add_subplot(grid[2, 3]), events)
    title = f"{recording.path.name}: {detector}. {DISCLAIMER}"
    figure.suptitle(title, fontsize=10)
    with atomic_path(out) as part:
        figure.savefig(part, format="png", dpi=110)


def _beginning(recording: SamplesFile) -> pa.Table:
    held: list[pa.Table] = []
    for chunk in recording.chunks():
        held.append(chunk)
        if chunk.num_rows:
            span = chunk["time_us"][-1].as_py() - held[0]["time_us"][0].as_py()
            if span > _MOST_S * 1e6:
                break
    table = pa.concat_tables(held) if held else None
    if table is None or table.num_rows == 0:
        raise DataError("the recording has no sample", where=recording.path.name)
    time = table["time_us"].to_numpy()
    return table.filter(pa.array(time <= time[0] + _MOST_S * 1e6))


def _places(axes: list["Axes"], given: GivenGaze, gaze: Gaze) -> None:
    begin = given.time_us[0]
    for axis, cleaned in enumerate((gaze.x_px, gaze.y_px)):
        for colour, (name, xy) in zip(_EYE_COLOURS, given.eyes.items(), strict=False):
            seconds = (given.time_us - begin) / 1e6
            axes[axis].plot(seconds, xy[:, axis], lw=0.7, color=colour, label=f"raw, {name}")
        seconds = (gaze.time_us - begin) / 1e6
        axes[axis].plot(seconds, cleaned, lw=0.9, color="black", label="cleaned")
        axes[axis].set_ylabel(f"{'xy'[axis]} (screen px)")
    axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1), fontsize=8, ncols=3)


def _speed(axes: "Axes", gaze: Gaze, screen: ScreenRecord) -> None:
    valid = gaze.valid
    time = gaze.time_us[valid]
    split = np.concatenate([[0], np.cumsum(np.diff(np.flatnonzero(valid)) > 1)])
    speed = np.full(gaze.time_us.size, np.nan)
    if time.size:
        speed[valid] = angular_velocity(
            time,
            gaze.x_px[valid],
            gaze.y_px[valid],
            screen=screen,
            distance_mm=gaze.distance_mm[valid],
            window_us=20_000,
            segment=split.astype(np.int64),
        )
        axes.plot((gaze.time_us - gaze.time_us[0]) / 1e6, speed, lw=0.8, color="black")
    axes.set_ylabel("speed (deg/s, 20 ms)")
    axes.set_xlabel("time (s)")


def _spans(axes: list["Axes"], events: pa.Table, begin_us: int) -> None:
    from matplotlib.patches import Patch

    kinds = events["kind"].to_pylist()
    spans = np.column_stack([events["onset_us"].to_numpy(), events["offset_us"].to_numpy()])
    seconds = (spans - begin_us) / 1e6
    for kind, (onset, offset) in zip(kinds, seconds, strict=True):
        for one in axes:
            one.axvspan(onset, offset, color=_COLOURS[kind], alpha=0.3, lw=0)
    counts = {kind: kinds.count(kind) for kind in _COLOURS if kind in kinds}
    keys = [Patch(color=_COLOURS[k], alpha=0.5, label=f"{n} {k}") for k, n in counts.items()]
    if keys:
        axes[1].legend(
            handles=keys, loc="lower right", bbox_to_anchor=(1, 1), fontsize=8, ncols=len(keys)
        )


def _durations(axes: "Axes", events: pa.Table) -> None:
    lasting = _column(events, "fixation", "offset_us") - _column(events, "fixation", "onset_us")
    if lasting.size:
        axes.hist(lasting / 1000, bins=20, color=_COLOURS["fixation"])
        axes.set_title(f"fixations, median {np.median(lasting) / 1000:.0f} ms")
    axes.set_xlabel("duration (ms)")


def _column(events: pa.Table, kind: str, name: str) -> NDArray[np.float64]:
    member = np.asarray(events["kind"].to_pylist(), object) == kind
    values: NDArray[np.float64] = events[name].to_numpy().astype(np.float64)[member]
    return values
