"""How one session of a study is written, with its images and its truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.config import to_toml
from gazekit.model.display import DisplayImage
from gazekit.model.files import atomic_path, sha256_bytes
from gazekit.model.layout import StudyLayout
from gazekit.model.protocol import ImagePlan, Protocol, Step
from gazekit.model.records import ReaderRecord, SessionRecord, TrackerRecord
from gazekit.model.session import SessionWriter
from gazekit.model.version import __version__
from gazekit.model.vocabulary import ABCDEF
from gazekit.synthetic.dicom import write_dicom
from gazekit.synthetic.phantom import Phantom, make_phantom
from gazekit.synthetic.phrases import STEP_TERMS
from gazekit.synthetic.seeds import seed_of
from gazekit.synthetic.sensor import Sensor
from gazekit.synthetic.sitting import SCREEN, SimulatedSitting
from gazekit.synthetic.truth import TRUTH_TABLES, truth_of

__all__ = ["SessionPlan", "WritePng", "write_session"]

WritePng = Callable[[Path, DisplayImage], None]

_CREATED_AT = "2000-01-01T00:00:00+00:00"
"""Simulated sessions took place at no time; one fixed date keeps them equal byte for byte."""


@dataclass(frozen=True)
class SessionPlan:
    """One session of a study: readings `first` to `first + count`, by one reader."""

    root: Path
    session_id: str
    reader_id: str
    seed: int
    first: int
    count: int
    image_px: tuple[int, int]
    image_format: Literal["dicom", "png"]
    rate_hz: float


def write_session(plan: SessionPlan, *, write_png: WritePng) -> int:
    """Write one session folder, its images and its truth; return the number of readings.

    The folder is closed last, so that a closed one is whole.
    """
    protocol = _protocol(plan)
    toml = to_toml(protocol).encode()
    layout = StudyLayout(plan.root)
    writer = SessionWriter(layout.sessions, _record(plan, protocol, toml), toml)
    try:
        _fill(writer, plan, layout, write_png)
    except BaseException:
        writer.abandon()
        raise
    writer.close()
    return plan.count


def _fill(
    writer: SessionWriter, plan: SessionPlan, layout: StudyLayout, write_png: WritePng
) -> None:
    seed = seed_of(plan.seed, "session", plan.session_id)
    sitting = SimulatedSitting(writer, Sensor(SCREEN, rate_hz=plan.rate_hz, seed=seed))
    sitting.validate(max_accuracy_deg=_protocol(plan).calibration.max_accuracy_deg)
    layout.images.mkdir(exist_ok=True)
    parts: list[dict[str, pa.Table]] = []
    for order in range(plan.count):
        number = plan.first + order
        phantom = _phantom(plan, number)
        write_png(writer.image(phantom.display.record), phantom.display)
        photometric = _write_image(layout, plan, phantom, number=number, write_png=write_png)
        reading_id = f"{plan.session_id}-{order:03d}"
        seed = seed_of(plan.seed, "reading", number)
        reading, origin = sitting.read(phantom, reading_id=reading_id, order=order, seed=seed)
        parts.append(
            truth_of(
                phantom, reading, reading_id=reading_id, origin_us=origin, photometric=photometric
            )
        )
    for name in TRUTH_TABLES:
        with atomic_path(layout.truth_part(plan.session_id, name)) as path:
            pq.write_table(pa.concat_tables([part[name] for part in parts]), path)


def _phantom(plan: SessionPlan, number: int) -> Phantom:
    """Make the phantom of a reading; every fifth patient comes back once."""
    return make_phantom(
        seed_of(plan.seed, "phantom", number),
        size_px=plan.image_px,
        patient_id=f"P{number * 5 // 6 + 1:05d}",
        study_id=f"S{number + 1:05d}",
    )


def _write_image(
    layout: StudyLayout,
    plan: SessionPlan,
    phantom: Phantom,
    *,
    number: int,
    write_png: WritePng,
) -> str:
    image_id = phantom.display.record.image_id
    if plan.image_format == "png":
        write_png(layout.image(image_id, "png"), phantom.display)
        return "MONOCHROME2"
    photometric: Literal["MONOCHROME1", "MONOCHROME2"] = (
        "MONOCHROME1" if number % 2 else "MONOCHROME2"
    )
    path = layout.image(image_id, "dcm")
    write_dicom(path, phantom.display, photometric=photometric, compressed=True, durable=False)
    return photometric


def _protocol(plan: SessionPlan) -> Protocol:
    return Protocol(
        title="Chest radiograph, ABCDEF review, simulated",
        version="1.0",
        seed=plan.seed,
        images=ImagePlan(synthetic=plan.count, synthetic_px=plan.image_px, order="given"),
        steps=tuple(
            Step(code=code, name=name, terms=STEP_TERMS[code]) for code, name in ABCDEF.items()
        ),
    )


def _record(plan: SessionPlan, protocol: Protocol, toml: bytes) -> SessionRecord:
    return SessionRecord(
        session_id=plan.session_id,
        created_at=_CREATED_AT,
        protocol=protocol.title,
        protocol_sha256=sha256_bytes(toml),
        seed=seed_of(plan.seed, "session", plan.session_id),
        reader=ReaderRecord(reader_id=plan.reader_id, experience="simulated"),
        screen=SCREEN,
        tracker=TrackerRecord(kind="simulated", rate_hz=plan.rate_hz, simulated=True),
        software={"gazekit": __version__, "numpy": np.__version__},
        simulated=True,
    )
