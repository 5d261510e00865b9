"""Where is the head before the tracker, and what should the reader do?"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from capture.scene import HeadGuide
from capture.station import Station
from gazekit.model.records import ScreenRecord

__all__ = ["guide_of", "place_head"]

_RECENT_US = 300_000
_PLACED_US = 1_000_000
"""The guide of a tracker is told a few times a second only."""
_BOX_MM = (300.0, 200.0)
"""Width and height of the box that is drawn about the middle of where eyes are expected."""
_DEPTH_MM = 200.0
_FAR_MM = 60.0
_MIDDLE = 0.5
_OFF = 0.25
"""Share of the box by which the eyes may be off its middle."""
_EYES = ("left", "right")
_FOOT = "space: go on when it is green     escape: end"
_PAGE_S = 0.8
_Triple = tuple[float, float, float]


def place_head(station: Station) -> None:
    """Show the guide until the reader sits well; what was found at its end is recorded."""
    screen = station.stage.viewer.screen

    def now() -> HeadGuide:
        recorder = station.recorder
        return guide_of(recorder.latest(_RECENT_US), recorder.positions(_PLACED_US), screen)

    station.page(now(), seconds=_PAGE_S, anew=now)
    last = now()
    station.mark("head_position", station.clock.now_us(), good=last.good, advice=last.advice)


@dataclass(frozen=True)
class _Head:
    """Each eye in the box as it is drawn, x to the right, y down, z away; and its distance."""

    eyes: tuple[_Triple | None, _Triple | None]
    distance_mm: float | None
    knows_height: bool

    @property
    def middle(self) -> _Triple:
        """The middle of the eyes that are seen."""
        x, y, z = np.mean([eye for eye in self.eyes if eye is not None], axis=0)
        return float(x), float(y), float(z)


def guide_of(samples: pa.Table, positions: pa.Table, screen: ScreenRecord) -> HeadGuide:
    """Make the guide of the last moments.

    Parameters
    ----------
    samples
        Table ``raw_samples``: eye positions in mm where the tracker gives them, in its user
        coordinates (origin at its middle, x to the right, y up, z towards the reader); the eyes
        are expected at the protocol's viewing distance.
    positions
        Table ``position``: the tracker's own guide, 0 to 1 in its box as Tobii's track box has
        it, x to the reader's left, y down, z away. Where it is there it decides on left, right, up
        and down, and on the distance where that is not known in mm.
    """
    head = _from_guide(samples, positions) or _from_samples(samples, screen)
    if head is not None:
        advice, good = _advice(head, screen)
        left, right = (_drawn(eye) for eye in head.eyes)
        return HeadGuide(left, right, advice, good=good, foot=_FOOT)
    if _any_gaze(samples):
        advice = "Gaze is seen; this tracker does not tell where the head is"
        return HeadGuide(None, None, advice, good=True, foot=_FOOT)
    advice = "No eye is seen: sit before the middle of the screen, at arm's length"
    return HeadGuide(None, None, advice, good=False, foot=_FOOT)


def _drawn(eye: _Triple | None) -> _Triple | None:
    """Return where an eye is drawn: at the edge of the box, where it is outside."""
    if eye is None:
        return None
    x, y, z = (min(max(part, 0.0), 1.0) for part in eye)
    return x, y, z


def _advice(head: _Head, screen: ScreenRecord) -> tuple[str, bool]:
    """Return what to do, the distance first, and whether all is well."""
    x, y, _ = head.middle
    move = _to_and_fro(head, screen)
    if move is None and abs(x - _MIDDLE) > _OFF:
        move = f"Move to the {'left' if x > _MIDDLE else 'right'}"
    if move is None and head.knows_height and abs(y - _MIDDLE) > _OFF:
        move = f"Sit {'higher' if y > _MIDDLE else 'lower'}, or tilt the tracker"
    if move is None and None in head.eyes:
        move = "One eye is not seen: mind glasses, hair and the light"
    if move is not None:
        return move, False
    if head.distance_mm is None:
        return "Good: in the middle of the tracker's box", True
    return f"Good: {head.distance_mm / 10:.0f} cm from the screen", True


def _to_and_fro(head: _Head, screen: ScreenRecord) -> str | None:
    """Say how the distance is to change: in cm where it is known, else by the tracker's box."""
    told, off = "", (head.middle[2] - _MIDDLE) / _OFF
    if head.distance_mm is not None:
        off = (head.distance_mm - screen.distance_mm) / _FAR_MM
        told = f": {head.distance_mm / 10:.0f} cm, {screen.distance_mm / 10:.0f} cm are wanted"
    if abs(off) <= 1:
        return None
    return f"{'Move back' if off < 0 else 'Come closer'}{told}"


def _from_guide(samples: pa.Table, positions: pa.Table) -> _Head | None:
    """Take the head from the tracker's own guide; None where it sees no eye, or is not there."""
    left, right = (_placed(positions, eye) for eye in _EYES)
    if left is None and right is None:
        return None
    origins = [origin for eye in _EYES if (origin := _origin(samples, eye)) is not None]
    distance_mm = float(np.mean([z for _, _, z in origins])) if origins else None
    return _Head((left, right), distance_mm, knows_height=True)


def _from_samples(samples: pa.Table, screen: ScreenRecord) -> _Head | None:
    """Take the head from positions in mm; how high it should be they do not say."""
    left, right = (_origin(samples, eye) for eye in _EYES)
    seen = [eye for eye in (left, right) if eye is not None]
    if not seen:
        return None
    middle_y = float(np.mean([y for _, y, _ in seen]))
    boxed = [None if eye is None else _boxed(eye, middle_y, screen) for eye in (left, right)]
    distance_mm = float(np.mean([z for _, _, z in seen]))
    return _Head((boxed[0], boxed[1]), distance_mm, knows_height=False)


def _placed(positions: pa.Table, eye: str) -> _Triple | None:
    if not positions.num_rows:
        return None
    valid = positions.column(f"{eye}_valid").to_numpy()
    medians = [_median(positions.column(f"{eye}_{axis}_norm").to_numpy()[valid]) for axis in "xyz"]
    x, y, z = medians
    if x is None or y is None or z is None:
        return None
    return 1.0 - x, y, z


def _origin(samples: pa.Table, eye: str) -> _Triple | None:
    if not samples.num_rows:
        return None
    valid = samples.column(f"{eye}_origin_valid").to_numpy()
    columns = [samples.column(f"{eye}_origin_{axis}_mm").to_numpy() for axis in "xyz"]
    x, y, z = (_median(column[valid]) for column in columns)
    return None if x is None or y is None or z is None else (x, y, z)


def _median(values: NDArray[np.floating]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


def _any_gaze(samples: pa.Table) -> bool:
    return bool(samples.num_rows) and any(
        samples.column(f"{eye}_gaze_valid").to_numpy().any() for eye in _EYES
    )


def _boxed(eye: _Triple, middle_y: float, screen: ScreenRecord) -> _Triple:
    x, y, z = eye
    return (
        0.5 + x / _BOX_MM[0],
        0.5 - (y - middle_y) / _BOX_MM[1],
        0.5 + (z - screen.distance_mm) / _DEPTH_MM,
    )
