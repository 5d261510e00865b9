"""What do other packages detect in the same recording? Called only where they are installed."""

import importlib
import importlib.util
import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled import CODES, Recording
from gazekit.model.geometry import screen_px_per_degree

__all__ = ["PEERS", "installed"]

Codes = NDArray[np.int8]

_REMODNAV_CODES = {"FIXA": 1, "SACC": 2, "ISAC": 2, "HPSO": 3, "IHPS": 3, "LPSO": 3, "ILPS": 3}
_REMODNAV_CODES["PURS"] = 4
_REMODNAV_TIMES = ("start_time", "end_time")


def installed(package: str) -> bool:
    """Tell whether `package` can be imported."""
    return importlib.util.find_spec(package) is not None


def _pymovements(recording: Recording, method: str, **options: float) -> Codes:
    """Run one detector of pymovements; what is neither fixation nor lost counts as saccade."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations are no finding of ours
        gaze = _pymovements_gaze(recording)
        gaze.detect(method, **options)
    frame = gaze.events.frame
    wanted, other = ("saccade", "fixation") if method == "microsaccades" else _FIXATION_FIRST
    codes = np.full(recording.time_us.size, CODES[other], np.int8)
    times = recording.time_us // 1000
    for name, onset, offset in frame.select(["name", "onset", "offset"]).iter_rows():
        if name == wanted:
            first, last = np.searchsorted(times, [onset, offset])
            codes[first : last + 1] = CODES[wanted]
    codes[~np.isfinite(recording.xy_px[:, 0])] = 0
    return codes


_FIXATION_FIRST = ("fixation", "saccade")


def _pymovements_gaze(recording: Recording) -> Any:  # noqa: ANN401 - the package has no types
    pm = importlib.import_module("pymovements")
    screen = recording.screen
    experiment = pm.Experiment(
        screen_width_px=screen.width_px,
        screen_height_px=screen.height_px,
        screen_width_cm=screen.width_mm / 10,
        screen_height_cm=screen.height_mm / 10,
        distance_cm=screen.distance_mm / 10,
        origin="upper left",
        sampling_rate=recording.rate_hz,
    )
    gaze = pm.gaze.from_numpy(
        time=recording.time_us // 1000,
        pixel=recording.xy_px.T,
        experiment=experiment,
        time_unit="ms",
    )
    gaze.pix2deg()
    gaze.pos2vel("fivepoint")
    return gaze


def _remodnav(recording: Recording) -> Codes:
    classifier_of = importlib.import_module("remodnav.clf").EyegazeClassifier
    centre = recording.screen.width_px / 2, recording.screen.height_px / 2
    degree_px = float(np.mean(screen_px_per_degree(recording.screen, *centre)))
    samples = np.zeros(recording.time_us.size, [("x", np.float64), ("y", np.float64)])
    samples["x"], samples["y"] = recording.xy_px.T
    seen = np.flatnonzero(np.isfinite(recording.xy_px[:, 0]))
    start, end = int(seen[0]), int(seen[-1]) + 1  # its filter cannot bear NaN at either end
    logging.getLogger("remodnav").setLevel(logging.ERROR)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # its own deprecations are no finding of ours
        classifier = classifier_of(px2deg=1 / degree_px, sampling_rate=recording.rate_hz)
        events = classifier(classifier.preproc(samples[start:end].view(np.recarray)))
    codes = np.zeros(recording.time_us.size, np.int8)
    for event in events:
        first, stop = (round(event[name] * recording.rate_hz) for name in _REMODNAV_TIMES)
        codes[start + first : start + stop] = _REMODNAV_CODES[event["label"]]
    return codes


PEERS: dict[str, tuple[str, Callable[[Recording], Codes]]] = {
    "pymovements I-VT": ("pymovements", lambda r: _pymovements(r, "ivt")),
    "pymovements I-VT, 45 deg/s, 56 ms": (
        "pymovements",
        lambda r: _pymovements(r, "ivt", velocity_threshold=45.0, minimum_duration=56),
    ),
    "pymovements I-DT": ("pymovements", lambda r: _pymovements(r, "idt")),
    "pymovements Engbert-Kliegl": ("pymovements", lambda r: _pymovements(r, "microsaccades")),
    "REMoDNaV": ("remodnav", _remodnav),
}
"""Name of each detector to its package and a function from a recording to codes, shape (n,)."""
