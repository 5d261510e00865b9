"""Which split does a patient belong to? A keyed hash decides, so that new data moves no old row."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable

from gazekit.build.config import SplitConfig
from gazekit.model.errors import DataError
from gazekit.model.records import ReadingRecord

__all__ = ["SPLITS", "assign_splits", "split_of"]

SPLITS = ("train", "validation", "test")

_BITS = 64


def split_of(group: str, config: SplitConfig) -> str:
    """Return the split of a patient (or of an image without one): HMAC-SHA256 as a share."""
    digest = hmac.new(config.key.encode(), group.encode(), hashlib.sha256).digest()
    share = int.from_bytes(digest[: _BITS // 8], "big") / 2**_BITS
    if share < config.test:
        return "test"
    return "validation" if share < config.test + config.validation else "train"


def assign_splits(readings: Iterable[ReadingRecord], config: SplitConfig) -> dict[str, str]:
    """Return the split of each reading, by its id.

    Raises
    ------
    DataError
        One image would stand in two splits, because it was shown as two patients'.
    """
    splits: dict[str, str] = {}
    of_image: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        group = f"image:{reading.image_id}"
        if reading.patient_id is not None:
            group = f"patient:{reading.patient_id}"
        splits[reading.reading_id] = split_of(group, config)
        of_image[reading.image_id].add(splits[reading.reading_id])
    torn = sorted(image for image, found in of_image.items() if len(found) > 1)
    if torn:
        raise DataError(
            "an image stands in two splits",
            where=torn[0],
            expected="one image, one patient",
            found=f"{len(torn)} such images",
            remedy="give the image the same patient in every source",
        )
    return splits
