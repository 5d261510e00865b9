"""What does a dataset hold to draw of one of its readings, or of one key frame?"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean import Gaze, detect
from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.records import ScreenRecord
from gazekit.report.dataset import reading_views
from gazekit.report.figures.drawn import Drawn, Fixations, Saccades, Samples, SentenceSpan
from gazekit.report.reading import ReadingView
from gazekit.report.rows import Row, rows_where

__all__ = ["DEFAULT_DETECTOR", "chosen_row", "drawn_of_dataset", "saccades_of"]

DEFAULT_DETECTOR = "tobii_ivt"
"""That of a build, unless its configuration says another."""

_PLACED = ("time_us", "x_px", "y_px")
_ON_SCREEN = ("time_us", "screen_x_px", "screen_y_px", "filled")


def drawn_of_dataset(dataset: Dataset, row: str, *, detector: str | None = None) -> Drawn:
    """Gather what is drawn of a reading, on its first image.

    Parameters
    ----------
    row
        A reading's id or its number from 0, in the order of the dataset; with ``/N`` behind it,
        the key frame of its sentence N.
    detector
        Finds the saccades; that of the build where None.

    Raises
    ------
    UsageError
        No such reading or key frame; the near name is suggested.
    """
    names = dataset.table("readings", columns=["reading_id"]).column(0).to_pylist()
    wanted, slash, sentence = row.partition("/")
    name = chosen_row(names, wanted, where=dataset.root.name)
    view = reading_views(dataset, [name])[0]
    reading, has_samples = view.reading, "samples" in dataset.tables
    frame = _keyframe(view, name, sentence) if slash else None
    return Drawn(
        name=name if frame is None else str(frame["keyframe_id"]),
        simulated=bool(reading["simulated"]),
        pixels=view.pixels,
        image_size=view.image_size,
        duration_us=int(reading["duration_us"]),
        fixations=_fixations(view) if frame is None else _of_keyframe(frame),
        sentences=tuple(_span(one) for one in view.sentences),
        samples=lambda: _samples(dataset, name, str(reading["image_id"])),
        saccades=lambda: _saccades(dataset, reading, detector),
        has_samples=has_samples,
        steps=dataset.info.steps,
    )


def chosen_row(names: Sequence[str], wanted: str, *, where: str) -> str:
    """Return the reading that an id or a number from 0 names.

    Raises
    ------
    UsageError
        There is none.
    """
    if wanted in names:
        return wanted
    if wanted.isdecimal() and int(wanted) < len(names):
        return names[int(wanted)]
    near = did_you_mean(wanted, names)
    remedy = near or (f"the first is {names[0]}, number 0" if names else None)
    expected = f"an id, or a number from 0 to {len(names) - 1}" if names else "readings"
    raise UsageError("no such reading", where=where, expected=expected, found=wanted, remedy=remedy)


def saccades_of(
    gaze: Gaze, screen: ScreenRecord, *, detector: str, params: dict[str, float]
) -> Saccades:
    """Find the saccades of one reading's gaze.

    Raises
    ------
    UsageError
        No such detector, or it finds fixations only.
    """
    events = detect(gaze, screen, detector=detector, params=params)
    own = np.asarray(events["kind"].to_pylist(), object) == "saccade"
    amplitude, velocity = (
        events[name].to_numpy().astype(np.float64)[own]
        for name in ("amplitude_deg", "peak_velocity_deg_s")
    )
    steps = np.diff(gaze.time_us)
    rate = float(1e6 / np.median(steps)) if steps.size else None
    return Saccades(amplitude, velocity, detector, rate)


def _fixations(view: ReadingView) -> Fixations:
    names = ("onset_us", "duration_us", "x_px", "y_px", "sigma_x_px", "sigma_y_px")
    return Fixations(**{name: view.series(name) for name in names})


def _of_keyframe(frame: Row) -> Fixations:
    names = ("onset_us", "duration_us", "x_px", "y_px", "sigma_x_px", "sigma_y_px")
    return Fixations(**{n: np.asarray(frame[f"fixation_{n}"], np.float64) for n in names})


def _keyframe(view: ReadingView, name: str, sentence: str) -> Row:
    known = {str(frame["sentence_index"]): frame for frame in view.keyframes}
    if sentence not in known:
        raise UsageError(
            "no such key frame on the reading's first image",
            where=name,
            expected=f"one of {', '.join(known)}" if known else "key frames",
            found=sentence or "nothing after the /",
        )
    return known[sentence]


def _span(row: Row) -> SentenceSpan:
    step = None if row["step"] is None else str(row["step"])
    return SentenceSpan(str(row["text"]), step, row["onset_us"], row["offset_us"])


def _rows_of_samples(dataset: Dataset, name: str, columns: tuple[str, ...], why: str) -> pa.Table:
    if "samples" not in dataset.tables:
        raise DataError(
            "the dataset has no table samples",
            where=dataset.root.name,
            expected=why,
            remedy="build it with --with-samples, or plot from the session",
        )
    wanted = [*columns, "image_id", "reading_id"]
    rows = rows_where(dataset, "samples", key="reading_id", values=[name], columns=wanted)
    if not rows:
        raise DataError("the dataset has no gaze samples of this reading", where=name)
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["time_us"]))


def _samples(dataset: Dataset, name: str, image_id: str) -> Samples:
    rows = _rows_of_samples(dataset, name, _PLACED, "gaze samples, for gaze over time")
    on = np.asarray(rows["image_id"].to_pylist(), object) == image_id
    x, y = (np.where(on, _numbers(rows, axis), np.nan) for axis in ("x_px", "y_px"))
    return Samples(rows["time_us"].to_numpy(), x, y)


def _saccades(dataset: Dataset, reading: Row, detector: str | None) -> Saccades:
    name = str(reading["reading_id"])
    rows = _rows_of_samples(dataset, name, _ON_SCREEN, "gaze samples, for the speed of saccades")
    time = rows["time_us"].to_numpy()
    screen = ScreenRecord(
        width_px=reading["screen_width_px"],
        height_px=reading["screen_height_px"],
        width_mm=reading["screen_width_mm"],
        height_mm=reading["screen_height_mm"],
        distance_mm=reading["distance_mm"],
    )
    gaze = Gaze(
        time_us=time,
        x_px=_numbers(rows, "screen_x_px"),
        y_px=_numbers(rows, "screen_y_px"),
        filled=rows["filled"].to_numpy(zero_copy_only=False),
        distance_mm=np.full(time.size, float(reading["distance_mm"])),
    )
    built, params = _detect_config(dataset)
    chosen = detector or built
    found = params if chosen == built else {}
    return saccades_of(gaze, screen, detector=chosen, params=found)


def _detect_config(dataset: Dataset) -> tuple[str, dict[str, float]]:
    """Return the detector that the dataset was built with, and its own parameters."""
    section = dataset.info.config.get("detect")
    if not isinstance(section, dict):
        return DEFAULT_DETECTOR, {}
    return str(section.get("detector", DEFAULT_DETECTOR)), dict(section.get("params", {}))


def _numbers(rows: pa.Table, name: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values
