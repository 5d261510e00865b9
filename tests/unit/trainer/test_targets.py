"""Does a fixation land in its own patch?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.corpus import Fixations
from trainer.letterbox import letterbox_affine
from trainer.targets import gaze_target

GRID, SIZE_PX = 12, 96


def _target(image: tuple[int, int], *points: tuple[float, float]) -> np.ndarray:
    x, y = np.array(points, np.float64).T
    ones = np.ones(len(points))
    fixations = Fixations(x, y, 200_000 * ones, 1e-3 * ones, 1e-3 * ones)
    return gaze_target(fixations, image_size=image, size_px=SIZE_PX, grid=GRID, sigma_patches=0.4)


@pytest.mark.parametrize(
    ("at", "cell"),
    [
        ((0.01, 0.01), (0, 0)),
        ((0.99, 0.01), (0, GRID - 1)),
        ((0.01, 0.99), (GRID - 1, 0)),
        ((0.99, 0.99), (GRID - 1, GRID - 1)),
    ],
    ids=["top left", "top right", "bottom left", "bottom right"],
)
def test_a_fixation_in_a_corner_lands_in_the_corner_patch(
    at: tuple[float, float], cell: tuple[int, int]
) -> None:
    target = _target((960, 960), (at[0] * 960, at[1] * 960))
    assert divmod(int(target.argmax()), GRID) == cell
    assert target[cell] > 0.5


def test_a_portrait_image_stands_between_its_padding() -> None:
    target = _target((480, 960), (1.0, 1.0))
    assert divmod(int(target.argmax()), GRID) == (0, 3)
    assert target[:, :3].sum() == 0, "no gaze is put on the padding"


@given(st.integers(50, 2000), st.integers(50, 2000), st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_the_peak_is_the_patch_under_the_fixation(w: int, h: int, u: float, v: float) -> None:
    to_square = letterbox_affine(w, h, size_px=SIZE_PX)
    x, y = to_square.apply(u * w, v * h)
    target = _target((w, h), (u * w, v * h))
    if not target.any():  # an image narrower than half a patch has no patch centre on it
        return
    assert target.sum() == pytest.approx(1, abs=1e-5)
    row, column = np.unravel_index(target.argmax(), target.shape)
    assert abs(column + 0.5 - x / 8) <= 1
    assert abs(row + 0.5 - y / 8) <= 1


def test_gaze_off_the_image_gives_an_empty_target() -> None:
    assert not _target((960, 960), (5000.0, 5000.0)).any()


def test_longer_fixations_weigh_more() -> None:
    fixations = Fixations(
        np.array([40.0, 920.0]),
        np.array([40.0, 920.0]),
        np.array([3e5, 1e5]),
        *[np.full(2, 1.0)] * 2,
    )
    target = gaze_target(
        fixations, image_size=(960, 960), size_px=SIZE_PX, grid=GRID, sigma_patches=0.5
    )
    assert target[0, 0] == pytest.approx(3 * target[-1, -1], rel=1e-4)
