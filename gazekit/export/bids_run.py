"""What does BIDS keep of one reading? Both eyes' samples, fixations, and what was on the screen."""

import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from gazekit.export.bids_names import TASK, RunNames
from gazekit.model.errors import DataError
from gazekit.model.files import write_json
from gazekit.model.records import ScreenRecord, ViewState
from gazekit.model.version import __version__
from gazekit.read import ReadingInput

__all__ = ["write_run"]

_EYES = {"left": "eye1", "right": "eye2"}
_US = 1e-6
_M = 1e-3
_VIEW_COLUMNS = ("a", "b", "c", "d", "e", "f")
_EVENT_COLUMNS = ("onset", "duration", "trial_type", "image_id", "reading_id", *_VIEW_COLUMNS)


def write_run(
    root: Path, reading: ReadingInput, *, names: RunNames, fixations: pa.Table, rate_hz: float
) -> None:
    """Write the files of one reading; times count from its onset.

    Parameters
    ----------
    fixations
        Of this reading: ``onset_us``, ``duration_us``, ``screen_x_px``, ``screen_y_px``.
    rate_hz
        The effective rate of the samples.

    Raises
    ------
    DataError
        Neither eye has a single valid sample.
    """
    folder = root / names.folder
    folder.mkdir(parents=True, exist_ok=True)
    eyes = [eye for eye in _EYES if _seen(reading.samples, eye)]
    if not eyes:
        raise DataError("no eye was ever seen", where=reading.reading.reading_id)
    for eye in eyes:
        _write_eye(folder, reading, eye, names=names, rate_hz=rate_hz)
        _write_fixations(folder, fixations, names=names, recording=_EYES[eye])
    _write_events(folder, reading, names)


def _seen(samples: pa.Table, eye: str) -> bool:
    return bool(np.isfinite(samples.column(f"{eye}_x_px").to_numpy()).any())


def _write_eye(
    folder: Path, reading: ReadingInput, eye: str, *, names: RunNames, rate_hz: float
) -> None:
    samples, recording = reading.samples, _EYES[eye]
    time = samples.column("time_us").to_numpy() - reading.reading.onset_us
    columns: dict[str, pa.Array] = {
        "timestamp": pa.array(time),
        "x_coordinate": _with_nulls(samples.column(f"{eye}_x_px").to_numpy()),
        "y_coordinate": _with_nulls(samples.column(f"{eye}_y_px").to_numpy()),
    }
    pupil = samples.column(f"{eye}_pupil_mm").to_numpy()
    facts: dict[str, object] = {
        "TaskName": TASK,
        "PhysioType": "eyetrack",
        "RecordedEye": eye,
        "SampleCoordinateSystem": "gaze-on-screen",
        "SamplingFrequency": round(rate_hz, 4),
        "StartTime": round(float(time[0]) * _US, 6),
        "Columns": list(columns),
        "timestamp": {
            "Description": "Time of the sample",
            "Units": "us",
            "Origin": "onset of the reading, when its image was shown",
        },
        "x_coordinate": _coordinate("right", "left"),
        "y_coordinate": _coordinate("down", "top"),
    }
    if np.isfinite(pupil).any():
        columns["pupil_size"] = _with_nulls(pupil)
        facts["Columns"] = list(columns)
        facts["pupil_size"] = {"Description": "pupil diameter", "Units": "mm"}
    if reading.tracker is not None and reading.tracker.model is not None:
        facts["ManufacturersModelName"] = reading.tracker.model
    _write_headerless(folder / names.file("physio.tsv.gz", recording=recording), columns)
    write_json(folder / names.file("physio.json", recording=recording), facts)


def _coordinate(direction: str, edge: str) -> dict[str, str]:
    return {
        "Description": f"Gaze on the screen, {direction} from its {edge} edge",
        "Units": "pixel",
    }


def _write_fixations(folder: Path, fixations: pa.Table, *, names: RunNames, recording: str) -> None:
    """Write the fixations of the dataset; they are of both eyes, and stand beside each."""
    columns = {
        "onset": fixations.column("onset_us").combine_chunks(),
        "duration": pa.array(fixations.column("duration_us").to_numpy() * _US),
        "trial_type": pa.array(["fixation"] * fixations.num_rows, pa.string()),
        "x_coordinate": _with_nulls(fixations.column("screen_x_px").to_numpy()),
        "y_coordinate": _with_nulls(fixations.column("screen_y_px").to_numpy()),
    }
    facts = {
        "TaskName": TASK,
        "Columns": list(columns),
        "Description": f"Fixations found by gazekit {__version__} in the gaze of both eyes",
        "OnsetSource": "timestamp",
        "onset": {"Description": "First sample of the fixation", "Units": "us"},
        "duration": {"Description": "Time to the first sample after it", "Units": "s"},
        "trial_type": {"Levels": {"fixation": "the gaze rested"}},
        "x_coordinate": _coordinate("right", "left"),
        "y_coordinate": _coordinate("down", "top"),
    }
    _write_headerless(folder / names.file("physioevents.tsv.gz", recording=recording), columns)
    write_json(folder / names.file("physioevents.json", recording=recording), facts)


def _write_events(folder: Path, reading: ReadingInput, names: RunNames) -> None:
    record = reading.reading
    end = record.offset_us
    if end is None:
        end = int(reading.samples.column("time_us")[-1].as_py())
    shared = {"image_id": record.image_id, "reading_id": record.reading_id}
    rows: list[dict[str, object]] = [
        {"onset": 0.0, "duration": (end - record.onset_us) * _US, "trial_type": "image", **shared}
    ]
    rows += _view_rows(reading.views, record.onset_us, end, shared)
    lines = ["\t".join(_EVENT_COLUMNS)]
    lines += ["\t".join(_cell(row.get(name)) for name in _EVENT_COLUMNS) for row in rows]
    (folder / names.file("events.tsv")).write_text("\n".join(lines) + "\n", "utf-8")
    write_json(folder / names.file("events.json"), _events_facts(reading.screen))


def _view_rows(
    views: Sequence[ViewState], onset_us: int, end_us: int, shared: dict[str, str]
) -> Iterable[dict[str, object]]:
    for state, following in zip(views, [*views[1:], None], strict=True):
        start = max(state.time_us, onset_us)
        stop = end_us if following is None else max(following.time_us, onset_us)
        if stop <= start or state.image_to_screen is None:
            continue
        yield {
            "onset": (start - onset_us) * _US,
            "duration": (stop - start) * _US,
            "trial_type": "view",
            **shared,
            **dict(zip(_VIEW_COLUMNS, state.image_to_screen, strict=True)),
        }


def _cell(value: object) -> str:
    if value is None:
        return "n/a"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _events_facts(screen: ScreenRecord) -> dict[str, object]:
    stimulus: dict[str, object] = {
        "ScreenDistance": screen.distance_mm * _M,
        "ScreenOrigin": ["top", "left"],
        "ScreenResolution": [screen.width_px, screen.height_px],
        "ScreenSize": [screen.width_mm * _M, screen.height_mm * _M],
    }
    if screen.refresh_hz is not None:
        stimulus["ScreenRefreshRate"] = screen.refresh_hz
    affine = "Of the map from image to screen pixels: x' = a x + b y + c, y' = d x + e y + f"
    return {
        "TaskName": TASK,
        "StimulusPresentation": stimulus,
        "trial_type": {
            "Description": "What was on the screen",
            "Levels": {
                "image": "a radiograph was read",
                "view": "it stood where a to f say, until the next view",
            },
        },
        "image_id": {"Description": "The image, by the hash of its pixels"},
        "reading_id": {"Description": "The reading in the dataset that this was made from"},
        **{name: {"Description": affine} for name in _VIEW_COLUMNS},
    }


def _with_nulls(values: "np.ndarray[tuple[int, ...], np.dtype[np.floating]]") -> pa.Array:
    """Make NaN null, so that it is written as missing."""
    return pa.array(values.astype(np.float64), mask=~np.isfinite(values))


def _write_headerless(path: Path, columns: dict[str, pa.Array]) -> None:
    """Write a gzipped table without header; the archive holds no name and no time."""
    texts = {
        name: pa.array([None if v is None else _cell(v) for v in column.to_pylist()], pa.string())
        for name, column in columns.items()
    }
    table = pa.table({name: pc.fill_null(text, "n/a") for name, text in texts.items()})
    buffer = io.BytesIO()
    options = pcsv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    pcsv.write_csv(table, buffer, options)
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=0))
