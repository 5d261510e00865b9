"""Which split does a patient belong to? A keyed hash decides, so that new data moves no old row."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping

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


def assign_splits(
    readings: Iterable[ReadingRecord],
    config: SplitConfig,
    *,
    official: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the split of each reading, by its id.

    Parameters
    ----------
    readings
        All readings of the build.
    config
        The shares, and whether official splits are kept.
    official
        The split that a dataset's makers gave a reading, by its id; every other reading of the
        same patient goes with it.

    Raises
    ------
    DataError
        One image would stand in two splits, because it was shown as two patients', or because
        two official divisions contradict each other.
    """
    readings = list(readings)
    given = _given(readings, official or {}) if config.official else {}
    splits: dict[str, str] = {}
    of_image: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        group = _group(reading)
        splits[reading.reading_id] = given.get(group) or split_of(group, config)
        of_image[reading.image_id].add(splits[reading.reading_id])
    torn = sorted(image for image, found in of_image.items() if len(found) > 1)
    if torn:
        raise DataError(
            "an image stands in two splits",
            where=torn[0],
            expected="one image, one patient",
            found=f"{len(torn)} such images",
            remedy="give the image the same patient in every source"
            + (", or build with: --set splits.official=false" if given else ""),
        )
    return splits


def _group(reading: ReadingRecord) -> str:
    if reading.patient_id is None:
        return f"image:{reading.image_id}"
    return f"patient:{reading.patient_id}"


def _given(readings: Iterable[ReadingRecord], official: Mapping[str, str]) -> dict[str, str]:
    """Return the official split of each patient that has one."""
    given: dict[str, str] = {}
    for reading in readings:
        split = official.get(reading.reading_id)
        if split is not None and given.setdefault(_group(reading), split) != split:
            raise DataError(
                "a patient has two official splits",
                where=reading.reading_id,
                found=f"{given[_group(reading)]} and {split}",
                remedy="divide anew with: --set splits.official=false",
            )
    return given
