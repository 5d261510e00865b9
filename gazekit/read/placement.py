"""Where on the screen did the image stand? What the file says, checked with the description."""

from collections.abc import Sequence

from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState
from gazekit.model.viewport import Viewport
from gazekit.read.description import Placement
from gazekit.read.recording import Box, Header, Shown

__all__ = ["check_screen_of", "views_of"]

_TOLERANCE_PX = 1.5
_TOLERANCE_SHARE = 0.02


def check_screen_of(header: Header, screen: ScreenRecord, *, where: str) -> None:
    """Raise DataError where the file names another screen than the description.

    Pixels may differ by one (trackers count from 0 or from 1), lengths by 2 %.
    """
    pairs: list[tuple[str, tuple[float, float], tuple[float, float]]] = []
    if header.screen_px is not None:
        pairs.append(("px", header.screen_px, (screen.width_px, screen.height_px)))
    if header.screen_mm is not None:
        pairs.append(("mm", header.screen_mm, (screen.width_mm, screen.height_mm)))
    for unit, found, expected in pairs:
        for own, other in zip(expected, found, strict=True):
            allowed = _TOLERANCE_PX if unit == "px" else _TOLERANCE_SHARE * own
            if abs(own - other) > allowed:
                raise DataError(
                    "the recording was made on another screen",
                    where=where,
                    expected=f"{expected[0]:g} x {expected[1]:g} {unit} (the description)",
                    found=f"{found[0]:g} x {found[1]:g} {unit}",
                    remedy="correct [screen] in the source description",
                )


def views_of(
    states: Sequence[Shown],
    image: ImageRecord,
    screen: ScreenRecord,
    *,
    placement: Placement,
    onset_us: int,
    where: str,
) -> tuple[ViewState, ...]:
    """Return the views of a reading: one at its onset, and one at each later change of place.

    Raises
    ------
    DataError
        The file places the image elsewhere than the description, or shows one of another shape.
    """
    known = [state for state in states if state.box_px is not None]
    if not known:
        return (_view(placement, image, screen, onset_us),)
    before = [state for state in known if state.time_us <= onset_us]
    first = before[-1] if before else known[0]
    views = []
    for state in (first, *(s for s in known if s.time_us > max(onset_us, first.time_us))):
        _check_shape(state, image, where)
        box = _checked(state.box_px, placement, where)
        views.append(_view(box, image, screen, max(state.time_us, onset_us)))
    return tuple(views)


def _checked(box: Box | None, placement: Placement, where: str) -> Placement:
    if box is None or placement == "fit":
        return box or placement
    if max(abs(a - b) for a, b in zip(box, placement, strict=True)) > _TOLERANCE_PX:
        raise DataError(
            "the recording places the image elsewhere",
            where=where,
            expected=f"{list(placement)} (the description)",
            found=list(box),
            remedy="leave placement out of the description; the file says it",
        )
    return box


def _check_shape(state: Shown, image: ImageRecord, where: str) -> None:
    """Compare the width-to-height ratio: the medium may be a smaller copy of the image."""
    if state.size_px is None:
        return
    width, height = state.size_px
    ratio = (width / height) / (image.width_px / image.height_px)
    if abs(ratio - 1) > _TOLERANCE_SHARE:
        raise DataError(
            "the recording shows a medium of another shape",
            where=where,
            expected=f"{image.width_px} x {image.height_px} px (the image)",
            found=f"{width:g} x {height:g} px",
            remedy="does the description name the right image for this recording?",
        )


def _view(
    placement: Placement, image: ImageRecord, screen: ScreenRecord, onset_us: int
) -> ViewState:
    whole = (0.0, 0.0, float(screen.width_px), float(screen.height_px))
    if placement == "fit":
        return Viewport.fit(image, whole).state(onset_us)
    x0, y0, x1, y1 = placement
    view = Affine((x1 - x0) / image.width_px, 0.0, x0, 0.0, (y1 - y0) / image.height_px, y0)
    return ViewState(
        time_us=onset_us, image_id=image.image_id, image_to_screen=view.values, clip_px=whole
    )
