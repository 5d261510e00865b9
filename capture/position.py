"""Where is the head before the tracker, and what should the reader do?"""

import numpy as np
import pyarrow as pa

from capture.scene import HeadGuide
from capture.station import Station
from gazekit.model.records import ScreenRecord

__all__ = ["guide_of", "place_head"]

_RECENT_US = 300_000
_BOX_MM = (300.0, 200.0)
"""Width and height of the box that is drawn about the middle of where eyes are expected."""
_DEPTH_MM = 200.0
_FAR_MM = 60.0
_OFF_SHARE = 0.25
_FOOT = "space: go on when it is green     escape: end"
_PAGE_S = 0.8


def place_head(station: Station) -> None:
    """Show the guide until the reader sits well; what was found at its end is recorded."""
    screen = station.stage.viewer.screen

    def now() -> HeadGuide:
        return guide_of(station.recorder.latest(_RECENT_US), screen)

    station.page(now(), seconds=_PAGE_S, anew=now)
    last = now()
    station.mark("head_position", station.clock.now_us(), good=last.good, advice=last.advice)


def guide_of(samples: pa.Table, screen: ScreenRecord) -> HeadGuide:
    """Make the guide of the last moments: eye positions in mm where the tracker gives them.

    The tracker's user coordinates have their origin at its middle, x to the right, y up and z
    towards the reader; the eyes are expected at the protocol's viewing distance.
    """
    left, right = (_origin(samples, eye) for eye in ("left", "right"))
    seen = [eye for eye in (left, right) if eye is not None]
    if not seen:
        advice = "No eye is seen: sit before the middle of the screen, at arm's length"
        if _any_gaze(samples):
            advice = "Gaze is seen; this tracker does not tell where the head is"
            return HeadGuide(None, None, advice, good=True, foot=_FOOT)
        return HeadGuide(None, None, advice, good=False, foot=_FOOT)
    x, _, z = np.mean(seen, axis=0)
    advice, good = _advice(float(x), float(z), screen, both=len(seen) == len(("left", "right")))
    middle_y = float(np.mean([eye[1] for eye in seen])) if good else screen.height_mm / 2
    boxed = [None if eye is None else _boxed(eye, middle_y, screen) for eye in (left, right)]
    return HeadGuide(boxed[0], boxed[1], advice, good=good, foot=_FOOT)


def _advice(x: float, z: float, screen: ScreenRecord, *, both: bool) -> tuple[str, bool]:
    if z < screen.distance_mm - _FAR_MM:
        return f"Move back: {z / 10:.0f} cm, {screen.distance_mm / 10:.0f} cm are wanted", False
    if z > screen.distance_mm + _FAR_MM:
        return f"Come closer: {z / 10:.0f} cm, {screen.distance_mm / 10:.0f} cm are wanted", False
    if abs(x) > _OFF_SHARE * _BOX_MM[0]:
        return f"Move to the {'left' if x > 0 else 'right'}", False
    if not both:
        return "One eye is not seen: mind glasses, hair and the light", False
    return f"Good: {z / 10:.0f} cm from the screen", True


def _origin(samples: pa.Table, eye: str) -> tuple[float, float, float] | None:
    if not samples.num_rows:
        return None
    valid = samples.column(f"{eye}_origin_valid").to_numpy()
    columns = [samples.column(f"{eye}_origin_{axis}_mm").to_numpy()[valid] for axis in "xyz"]
    if not columns[0].size or not all(np.isfinite(column).any() for column in columns):
        return None
    x, y, z = (float(np.nanmedian(column)) for column in columns)
    return x, y, z


def _any_gaze(samples: pa.Table) -> bool:
    return bool(samples.num_rows) and any(
        samples.column(f"{eye}_gaze_valid").to_numpy().any() for eye in ("left", "right")
    )


def _boxed(
    eye: tuple[float, float, float], middle_y: float, screen: ScreenRecord
) -> tuple[float, float, float]:
    x, y, z = eye
    return (
        min(max(0.5 + x / _BOX_MM[0], 0.0), 1.0),
        min(max(0.5 - (y - middle_y) / _BOX_MM[1], 0.0), 1.0),
        min(max(0.5 + (z - screen.distance_mm) / _DEPTH_MM, 0.0), 1.0),
    )
