"""What is known of a reading once its gaze is cleaned and placed? All that key frames need.

::

    ReadingInput --> clean --> events --> fixations on the image --+--> a unit of its own, so that
                     words, findings, facts of the recording ------+    key frames are made anew
                                                                        without the recording
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.align import given_fixations, image_fixations, raw_on_image
from gazekit.align.fixations import FixationTable
from gazekit.align.gazex import ImageSamples
from gazekit.build.config import BuildConfig
from gazekit.build.rows import given_reading_row, reading_row
from gazekit.build.samples import cleaned_samples
from gazekit.clean import Gaze, clean_samples, detect
from gazekit.model.geometry import ViewTrack
from gazekit.model.protocol import Step
from gazekit.model.records import FindingRecord, ImageRecord, ReadingRecord, Word
from gazekit.read import Exclusion, ReadingInput

__all__ = ["PlacedGaze", "Told", "place_gaze"]

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording says of a reading besides its gaze; `facts`: columns of ``readings``."""

    reading: ReadingRecord
    image: ImageRecord
    further: tuple[ImageRecord, ...] = ()
    source: str
    n_samples: int
    words: tuple[Word, ...] = ()
    report: str | None = None
    findings: tuple[FindingRecord, ...] = ()
    steps: tuple[Step, ...] = ()
    dictated: bool = True
    facts: dict[str, object] = {}

    @property
    def images(self) -> tuple[ImageRecord, ...]:
        """The images of the study, in the order of `FixationTable.image_index`."""
        return (self.image, *self.further)


@dataclass(frozen=True)
class PlacedGaze:
    """A reading's fixations on the image; `raw`, `samples`, `audio` where they are asked for."""

    told: Told
    fixations: FixationTable
    raw: ImageSamples | None = None
    samples: pa.Table | None = None
    audio: pa.Table | None = None

    def tables(self) -> dict[str, pa.Table]:
        """Return it as the tables of a unit."""
        told = msgspec.msgpack.encode(self.told, enc_hook=_plain)
        reading = self.told.reading
        people = {"reader_id": reading.reader_id, "patient_id": reading.patient_id}
        row = [{**people, "told": told}]
        schema = pa.schema([(name, pa.string()) for name in people] + [("told", pa.binary())])
        tables = {
            "told": pa.Table.from_pylist(row, schema=schema),
            "placed": _as_table(self.fixations),
        }
        if self.raw is not None:
            tables["raw"] = _as_table(self.raw)
        if self.samples is not None:
            tables["samples"] = self.samples
        if self.audio is not None:
            tables["audio"] = self.audio
        return tables

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> "PlacedGaze":
        """Take it from the tables of a unit."""
        told = tables["told"].column("told")[0].as_py()
        raw = tables.get("raw")
        return cls(
            told=msgspec.msgpack.decode(told, type=Told),
            fixations=FixationTable(**_arrays(tables["placed"])),
            raw=None if raw is None else ImageSamples(**_arrays(raw)),
            samples=tables.get("samples"),
            audio=tables.get("audio"),
        )


def place_gaze(source: ReadingInput, config: BuildConfig) -> PlacedGaze | Exclusion:
    """Clean the gaze of one reading and place its fixations on the image, or say why not.

    Raises
    ------
    DataError
        Its times go backwards, or a view has no inverse.
    """
    if source.fixations is None and not any(view.image_to_screen for view in source.views):
        return _without_view(source)
    paper = config.align.preset == "gazex"
    if paper and source.samples.num_rows == 0:
        return _without_samples(source)
    samples = None
    if source.fixations is not None:
        fixations, facts = given_fixations(source.fixations), given_reading_row(source)
    else:
        gaze = clean_samples(source.samples, source.screen, **msgspec.structs.asdict(config.clean))
        fixations, facts = _found(source, gaze, config)
        samples = cleaned_samples(source, gaze) if config.samples and len(fixations) else None
    if len(fixations) == 0:
        return _without_gaze(source)
    return PlacedGaze(
        told=_told(source, facts),
        fixations=fixations,
        raw=raw_on_image(source) if paper else None,
        samples=samples,
        audio=_sound(source) if config.audio else None,
    )


def _sound(source: ReadingInput) -> pa.Table:
    # A dataset without sound needs no package that reads it.
    from gazekit.build.audio import sound_of_reading

    return sound_of_reading(source)


def _found(
    source: ReadingInput, gaze: Gaze, config: BuildConfig
) -> tuple[FixationTable, dict[str, object]]:
    """Find the fixations, and what to say of the gaze."""
    screen = source.screen
    events = detect(gaze, screen, detector=config.detect.detector, params=config.detect.params)
    fixations = image_fixations(
        events,
        gaze,
        views=ViewTrack(source.views),
        screen=screen,
        images=[image.record for image in source.images],
        px_per_deg=_told_px_per_deg(source),
    )
    # Without one gaze sample there is nothing to say of its distance or its rate.
    facts = reading_row(source, gaze, events) if len(fixations) else {}
    return fixations, facts


def _told_px_per_deg(source: ReadingInput) -> tuple[_Ints, _Floats, _Floats] | None:
    if source.px_per_deg is None:
        return None
    time = source.samples.column("time_us").to_numpy()
    along_x, along_y = (
        source.px_per_deg.column(f"{axis}_px_per_deg").to_numpy().astype(np.float64)
        for axis in "xy"
    )
    return time, along_x, along_y


def _told(source: ReadingInput, facts: dict[str, object]) -> Told:
    return Told(
        reading=source.reading,
        image=source.image.record,
        further=tuple(image.record for image in source.further),
        source=source.source,
        n_samples=source.samples.num_rows,
        words=source.words,
        report=source.report,
        findings=source.findings,
        steps=source.steps,
        dictated=source.dictated,
        facts=facts,
    )


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(type(value).__name__)


def _as_table(arrays: FixationTable | ImageSamples) -> pa.Table:
    found = {field.name: getattr(arrays, field.name) for field in fields(arrays)}
    return pa.table({name: values for name, values in found.items() if values is not None})


def _arrays(table: pa.Table) -> dict[str, Any]:
    return {name: table.column(name).to_numpy() for name in table.column_names}


def _without_gaze(source: ReadingInput) -> Exclusion:
    name, count = source.reading.reading_id, source.samples.num_rows
    detail = f"{name}: no fixation in {count} samples (expected gaze). Check the tracker's data"
    return Exclusion("reading", name, "reading_without_gaze", detail)


def _without_samples(source: ReadingInput) -> Exclusion:
    name = source.reading.reading_id
    detail = f"{name}: fixations and no raw samples. Build it with the preset default"
    return Exclusion("reading", name, "reading_without_samples", detail)


def _without_view(source: ReadingInput) -> Exclusion:
    name, count = source.reading.reading_id, len(source.views)
    detail = f"{name}: no view in {count} view states shows the image (expected one at its onset)"
    return Exclusion("reading", name, "reading_without_view", detail)
