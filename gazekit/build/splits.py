"""Which split does a patient belong to? A keyed hash decides, so that new data moves no old row."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping

from gazekit.build.config import SplitConfig
from gazekit.model.errors import DataError, did_you_mean
from gazekit.model.records import ReadingRecord

__all__ = ["HELD_OUT", "SPLITS", "assign_splits", "held_out_readers", "split_of"]

HELD_OUT = "held_out"
SPLITS = ("train", "validation", "test", HELD_OUT)

_BITS = 64
_MOST_NAMES = 10


def split_of(group: str, config: SplitConfig) -> str:
    """Return the split of a patient (or of an image without one): HMAC-SHA256 as a share."""
    share = _share(group, config)
    if share < config.test:
        return "test"
    return "validation" if share < config.test + config.validation else "train"


def held_out_readers(readers: Iterable[str], config: SplitConfig) -> set[str]:
    """Return which readers are held out: those that are named, and a share by keyed hash.

    Raises
    ------
    DataError
        A reader is named who has no reading.
    """
    known = set(readers)
    for name in config.held_out_readers:
        if name not in known:
            raise DataError(
                "no reading is by the reader who is to be held out",
                where="splits.held_out_readers",
                expected=", ".join(sorted(known)[:_MOST_NAMES]),
                found=name,
                remedy=did_you_mean(name, sorted(known)),
            )
    drawn = {name for name in known if _share(f"reader:{name}", config) < config.held_out_share}
    return drawn | set(config.held_out_readers)


def _share(text: str, config: SplitConfig) -> float:
    digest = hmac.new(config.key.encode(), text.encode(), hashlib.sha256).digest()
    return float(int.from_bytes(digest[: _BITS // 8], "big") / 2**_BITS)


def assign_splits(
    readings: Iterable[ReadingRecord],
    config: SplitConfig,
    *,
    official: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the split of each reading that is kept, by its id.

    Readings of held-out readers stand in split ``held_out``; what others read of the same patients
    has none: these patients are in no other split.

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
    readers = held_out_readers((reading.reader_id for reading in readings), config)
    apart = {_group(reading) for reading in readings if reading.reader_id in readers}
    splits: dict[str, str] = {}
    of_image: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        group = _group(reading)
        if group in apart and reading.reader_id not in readers:
            continue
        split = HELD_OUT if group in apart else given.get(group) or split_of(group, config)
        splits[reading.reading_id] = split
        of_image[reading.image_id].add(splits[reading.reading_id])
    if apart and not set(splits.values()) - {HELD_OUT}:
        raise DataError(
            "nothing is left beside the readers who are held out",
            where="splits.held_out_readers",
            found=f"they read all {len(apart)} patients",
            remedy="hold out a reader who has patients that others did not read",
        )
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
