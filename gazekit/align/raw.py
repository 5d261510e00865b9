"""Where on the image does the raw gaze of a reading lie? Nothing cleaned, saccades included."""

import numpy as np
from numpy.typing import NDArray

from gazekit.align.fixations import image_of_states
from gazekit.align.gazex import ImageSamples
from gazekit.clean import merge_eyes
from gazekit.model.errors import DataError
from gazekit.model.geometry import ViewTrack, screen_px_per_degree
from gazekit.read import ReadingInput

__all__ = ["raw_on_image"]

_Floats = NDArray[np.float64]


def raw_on_image(reading: ReadingInput) -> ImageSamples:
    """Return the raw gaze of a reading in image px: the mean of the eyes, nothing cleaned.

    Raises
    ------
    DataError
        The source has fixations and no samples.
    """
    if reading.samples.num_rows == 0:
        raise DataError(
            "the reading has no raw samples, which the preset gazex needs",
            where=reading.reading.reading_id,
            remedy="take the preset default, from a dataset",
        )
    time_us = reading.samples.column("time_us").to_numpy()
    left, right = (
        np.column_stack([reading.samples.column(f"{eye}_{axis}_px").to_numpy() for axis in "xy"])
        for eye in ("left", "right")
    )
    screen_x, screen_y = merge_eyes(left, right, screen=reading.screen).T
    views = ViewTrack(reading.views)
    x, y, index = views.to_image(time_us, screen_x, screen_y)
    along = _px_per_degree(reading, screen_x, screen_y)
    scales = np.full((len(views) + 1, 2), np.nan)  # the last stands for "before the first view"
    for i in range(len(views)):
        view = views.view(i)
        if view is not None:
            scales[i] = view.inverse_scale()
    records = [image.record for image in reading.images]
    which = image_of_states(reading.views, records)[index] if len(records) > 1 else None
    sigma_x, sigma_y = along[0] * scales[index, 0], along[1] * scales[index, 1]
    return ImageSamples(time_us, x, y, sigma_x, sigma_y, which)


def _px_per_degree(reading: ReadingInput, x: _Floats, y: _Floats) -> tuple[_Floats, _Floats]:
    """Return screen px per degree as the tracker says, or as the screen's measures give."""
    told = reading.px_per_deg
    if told is None:
        return screen_px_per_degree(reading.screen, x, y)
    along_x, along_y = (
        told.column(f"{axis}_px_per_deg").to_numpy().astype(np.float64) for axis in "xy"
    )
    return along_x, along_y
