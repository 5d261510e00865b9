"""Which grey stands behind the targets?

Pupils are as wide as in the readings where it is the mean of the images: calibrating on black and
reading bright images costs accuracy, mostly vertically (Drew and others, PubMed 22212422).
"""

from collections.abc import Iterable

import numpy as np

from gazekit.image import DisplayImage

__all__ = ["mean_grey"]

_STEP = 8


def mean_grey(images: Iterable[DisplayImage]) -> float:
    """Return the mean over images of their displayed grey, 0 to 1, in their own windows.

    Every eighth row and column is taken. 0.5 where there are no images.
    """
    means = []
    for image in images:
        record = image.record
        values = image.pixels[::_STEP, ::_STEP].astype(np.float64)
        width = max(record.window_high - record.window_low, 1.0)
        means.append(float(np.clip((values - record.window_low) / width, 0.0, 1.0).mean()))
    return float(np.mean(means)) if means else 0.5
