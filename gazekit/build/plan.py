"""What is to be built? Units, each named by the hash of everything that decides its content."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from gazekit.build.config import BuildConfig
from gazekit.build.splits import assign_splits
from gazekit.model.errors import DataError
from gazekit.model.files import sha256_bytes
from gazekit.model.records import ReadingRecord
from gazekit.model.version import SCHEMA_VERSION, STAGE_VERSIONS
from gazekit.read import Catalogue, Exclusion, ImageSource, Reason, Source

__all__ = ["ImageUnit", "Plan", "PlannedSource", "ReadingUnit", "make_plan"]

_OUTCOME_REASONS: dict[str, Reason] = {
    "aborted": "reading_aborted",
    "redone": "reading_redone",
    "practice": "reading_practice",
}


@dataclass(frozen=True)
class ReadingUnit:
    """One reading to build; `source` is the place of its source in the plan.

    `gaze_key` names its cleaned and placed gaze, which `key`, its rows, is made from.
    """

    key: str
    gaze_key: str
    reading: ReadingRecord
    split: str
    source: int


@dataclass(frozen=True)
class ImageUnit:
    """One image to encode; `copies`: each copy of it, by the hash of its file, the first first."""

    key: str
    image: ImageSource
    split: str
    copies: dict[str, ImageSource]


@dataclass(frozen=True)
class PlannedSource:
    """A source and what it holds."""

    source: Source
    catalogue: Catalogue


@dataclass(frozen=True)
class Plan:
    """Everything that a build will do, in the order of the ids."""

    sources: tuple[PlannedSource, ...]
    readings: tuple[ReadingUnit, ...]
    images: tuple[ImageUnit, ...]
    excluded: tuple[Exclusion, ...]
    config: BuildConfig

    @property
    def simulated(self) -> bool:
        """Whether any reading was simulated."""
        return any(self.sources[unit.source].catalogue.simulated for unit in self.readings)

    @property
    def steps(self) -> dict[str, str]:
        """Step codes and names of the review protocols, of all sources."""
        return {
            step.code: step.name for planned in self.sources for step in planned.catalogue.steps
        }


def make_plan(sources: Sequence[PlannedSource], config: BuildConfig) -> Plan:
    """Choose the readings to build, divide them into splits and name the units.

    Raises
    ------
    DataError
        Two readings have one id, or an image stands in two splits.
    """
    excluded = [found for planned in sources for found in planned.catalogue.excluded]
    chosen: list[tuple[int, ReadingRecord]] = []
    for index, planned in enumerate(sources):
        for reading in planned.catalogue.readings:
            if reading.outcome in config.outcomes:
                chosen.append((index, reading))
            else:
                excluded.append(_by_outcome(reading))
    chosen.sort(key=lambda pair: pair[1].reading_id)
    _refuse_twins([reading for _, reading in chosen])
    official = {name: split for p in sources for name, split in p.catalogue.splits.items()}
    splits = assign_splits((reading for _, reading in chosen), config.splits, official=official)
    excluded += [_beside_held_out(r) for _, r in chosen if r.reading_id not in splits]
    chosen = [pair for pair in chosen if pair[1].reading_id in splits]
    readings: list[ReadingUnit] = []
    images: dict[str, ImageUnit] = {}
    for index, reading in chosen:
        catalogue, split = sources[index].catalogue, splits[reading.reading_id]
        gaze_key = _gaze_key(reading, catalogue, config)
        key = _reading_key(gaze_key, split, config)
        readings.append(ReadingUnit(key, gaze_key, reading, split, index))
        for image_id in catalogue.images_of(reading):
            image = catalogue.images[image_id]
            unit = images.setdefault(
                image_id, ImageUnit(_image_key(image, split, config), image, split, {})
            )
            _refuse_torn(unit, split)
            unit.copies.setdefault(catalogue.hash_of_image(image_id), image)
    return Plan(
        sources=tuple(sources),
        readings=tuple(readings),
        images=tuple(images[name] for name in sorted(images)),
        excluded=tuple(excluded),
        config=config,
    )


def _by_outcome(reading: ReadingRecord) -> Exclusion:
    typed = f"""--set 'outcomes=["complete","{reading.outcome}"]'"""
    detail = f"{reading.reading_id}: the reading was {reading.outcome}. Keep it with: {typed}"
    return Exclusion("reading", reading.reading_id, _OUTCOME_REASONS[reading.outcome], detail)


def _beside_held_out(reading: ReadingRecord) -> Exclusion:
    detail = (
        f"{reading.reading_id}: a held-out reader read its patient too, who may stand in one split "
        "only. Change splits.held_out_readers to keep it"
    )
    return Exclusion("reading", reading.reading_id, "patient_held_out", detail)


def _refuse_twins(readings: Sequence[ReadingRecord]) -> None:
    for before, reading in pairwise(readings):
        if before.reading_id == reading.reading_id:
            raise DataError(
                "two readings have one id",
                where=reading.reading_id,
                found=f"sessions {before.session_id} and {reading.session_id}",
                remedy="leave one of the two sources out",
            )


def _refuse_torn(unit: ImageUnit, split: str) -> None:
    """Refuse a further image of one study that another patient's reading shows too."""
    if unit.split != split:
        raise DataError(
            "an image stands in two splits",
            where=unit.image.record.image_id,
            expected="one image, one patient",
            remedy="give the images of a study the same patient in every source",
        )


def _gaze_key(reading: ReadingRecord, catalogue: Catalogue, config: BuildConfig) -> str:
    stages = {name: STAGE_VERSIONS[name] for name in ("read", "clean", "align")}
    kept = {
        "samples": config.samples,
        "audio": config.audio,
        "raw": config.align.preset == "gazex",
    }
    decides = [config.clean, config.detect, kept]
    name = reading.reading_id
    return _hash(["gaze", catalogue.hash_of(name), name, decides, stages])


def _reading_key(gaze_key: str, split: str, config: BuildConfig) -> str:
    stages = {name: STAGE_VERSIONS[name] for name in ("align", "render")}
    return _hash(["reading", gaze_key, split, config.align, config.render, stages])


def _image_key(image: ImageSource, split: str, config: BuildConfig) -> str:
    record = image.record
    return _hash(["image", record, split, config.images, {"image": STAGE_VERSIONS["image"]}])


def _hash(parts: list[object]) -> str:
    """Hash the canonical JSON of `parts` together with the schema's version."""
    return sha256_bytes(msgspec.json.encode([SCHEMA_VERSION, *parts], order="sorted"))
