"""What does a worker do? It makes units, each written whole, and says what became of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gazekit.build.config import BuildConfig
from gazekit.build.plan import ImageUnit, PlannedSource, ReadingUnit
from gazekit.build.reading import build_reading
from gazekit.build.rows import image_row
from gazekit.build.store import UnitRecord, write_unit
from gazekit.model.errors import GazekitError
from gazekit.model.schemas import table_of
from gazekit.read import Exclusion, ReadingInput, in_display_px

if TYPE_CHECKING:
    from gazekit.image import DisplayImage

__all__ = ["ImageTask", "ReadingTask", "Task"]


@dataclass(frozen=True)
class ImageTask:
    """Decode every copy of each image, and encode one as an 8-bit PNG."""

    units: tuple[ImageUnit, ...]
    root: Path
    config: BuildConfig

    def run(self) -> int:
        """Make the units; return how many."""
        for unit in self.units:
            self._make(unit)
        return len(self.units)

    def _make(self, unit: ImageUnit) -> None:
        record = unit.image.record
        png: bytes | None = None
        failed: dict[str, Exclusion] = {}
        for source, image in unit.copies.items():
            try:
                shown = image.load()
                png = png or self._encode(shown)
            except GazekitError as error:
                failed[source] = Exclusion.because(
                    "image", record.image_id, reason="image_undecodable", error=error
                )
        made = msgspec.structs.replace(
            _record(unit.key, record.image_id, excluded=tuple(failed.values())),
            tried=tuple(unit.copies),
            failed=tuple(failed),
        )
        rows = [] if png is None else [image_row(record, split=unit.split, png=png)]
        write_unit(self.root, made, {"images": table_of("images", rows)} if rows else {})

    def _encode(self, shown: "DisplayImage") -> bytes:
        from gazekit.image import encode_png

        return encode_png(shown.to_uint8(), max_px=self.config.images.max_px)


@dataclass(frozen=True)
class ReadingTask:
    """Build readings of one source, in one pass over its samples."""

    planned: PlannedSource
    units: tuple[ReadingUnit, ...]
    root: Path
    config: BuildConfig

    def run(self) -> int:
        """Make the units; return how many. A reading that cannot be built is left out."""
        units = {unit.reading.reading_id: unit for unit in self.units}
        while units:
            error = self._make_some(units)
            if units:
                # Sources read in the order of the names: the first that is left is at fault.
                failed = units.pop(next(iter(units)))
                self._leave_out(failed, error or GazekitError("the source did not give it"))
        return len(self.units)

    def _make_some(self, units: dict[str, ReadingUnit]) -> GazekitError | None:
        """Make units, taking them out of `units`, until the source ends or fails."""
        loaded = self.planned.source.load(list(units), self.planned.catalogue)
        while True:
            try:
                source = next(loaded, None)
            except GazekitError as error:
                return error
            if source is None:
                return None
            self._make(units.pop(source.reading.reading_id), source)

    def _make(self, unit: ReadingUnit, source: ReadingInput) -> None:
        try:
            parts = build_reading(in_display_px(source), split=unit.split, config=self.config)
        except GazekitError as error:
            self._leave_out(unit, error)
            return
        made = _record(
            unit.key,
            unit.reading.reading_id,
            excluded=parts.excluded,
            planned=self.planned,
        )
        write_unit(self.root, made, parts.tables)

    def _leave_out(self, unit: ReadingUnit, error: GazekitError) -> None:
        name = unit.reading.reading_id
        found = Exclusion.because("reading", name, reason="reading_damaged", error=error)
        made = _record(unit.key, name, excluded=(found,), planned=self.planned)
        write_unit(self.root, made, {})


Task = ImageTask | ReadingTask


def _record(
    key: str,
    unit_id: str,
    *,
    excluded: tuple[Exclusion, ...] = (),
    planned: PlannedSource | None = None,
) -> UnitRecord:
    return UnitRecord(
        key=key,
        unit_id=unit_id,
        source=planned.source.kind if planned else "image",
        source_sha256=planned.catalogue.sha256 if planned else "",
        excluded=excluded,
    )
