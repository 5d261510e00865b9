"""Does a key frame show what the reader looked at, and where?"""

import numpy as np

from trainer.corpus import Fixations
from trainer.frames import key_frame

SQUARE = np.full((96, 96), 200, np.uint8)


def _frame(x: float, y: float, *, size: tuple[int, int] = (200, 200)) -> np.ndarray:
    one = np.ones(1)
    fixations = Fixations(x * one, y * one, 200_000 * one, 10 * one, 10 * one)
    return key_frame(SQUARE, fixations, image_size=size, frame_px=48, sigma_px=1.0)


def test_it_is_bright_where_the_reader_looked_and_dim_elsewhere() -> None:
    frame = _frame(150, 50)
    assert frame.shape == (48, 48)
    row, column = np.unravel_index(frame.argmax(), frame.shape)
    assert abs(column + 0.5 - 36) <= 1
    assert abs(row + 0.5 - 12) <= 1
    assert frame.max() >= 195
    assert frame[40, 5] == 30  # .15 of the image


def test_gaze_off_the_image_leaves_all_dim() -> None:
    assert (_frame(-500, 50) == 30).all()


def test_gaze_in_the_margin_is_not_shown() -> None:
    frame = _frame(50, 100, size=(100, 200))  # the right half of the square's middle half
    assert frame[:, :11].max() == 30
    assert frame[:, 36:].max() == 30
