"""What a study protocol says: images, order, calibration limits, review steps. A TOML file."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gazekit.model.config import load_toml
from gazekit.model.errors import UsageError
from gazekit.model.files import sha256_file

__all__ = [
    "CalibrationPlan",
    "ImagePlan",
    "Protocol",
    "QualityLimits",
    "ReadingPlan",
    "ScreenPlan",
    "Step",
    "ViewerPlan",
    "load_protocol",
    "protocol_hash",
]

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Pixels = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
_Phantom = Annotated[int, msgspec.Meta(ge=32, le=8192)]
_Amount = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
_Measure = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common base: immutable, unknown keys refused."""


class Step(_Section, frozen=True, kw_only=True):
    """One step of the review order: `terms` are the words by which a sentence is known as its."""

    code: str
    name: str
    terms: tuple[str, ...] = ()


class ImagePlan(_Section, frozen=True, kw_only=True):
    """Where the images come from: exactly one of `synthetic`, `list`, `folder`.

    `synthetic`: so many phantom radiographs made on the spot, seeded. `list`: a CSV file with
    columns file, patient, study (pseudonyms), relative to the protocol. `folder`: every DICOM,
    PNG and JPEG file in it, each taken as its own patient.
    """

    synthetic: _Count | None = None
    synthetic_px: tuple[_Phantom, _Phantom] = (1024, 1280)
    list: str | None = None
    folder: str | None = None
    order: Literal["given", "random"] = "random"


class CalibrationPlan(_Section, frozen=True, kw_only=True):
    """How calibration is checked; limits in degrees and as a share of samples."""

    points: Literal[5, 9, 13] = 5
    max_accuracy_deg: _Amount = 0.6
    marginal_accuracy_deg: _Amount = 1.0
    max_point_deg: _Amount = 1.5
    max_rms_s2s_deg: _Amount = 0.3
    max_data_loss: _Share = 0.1
    drift_check_deg: _Amount = 1.0


class ReadingPlan(_Section, frozen=True, kw_only=True):
    """How one reading goes: `fixation_ms` of a cross before it, at most `max_s` seconds."""

    fixation_ms: _Count = 500
    max_s: _Measure = 300.0
    dictation: bool = True


class ViewerPlan(_Section, frozen=True, kw_only=True):
    """What the reader may do; `background` is the grey around the image, 0 to 1."""

    background: _Share = 0.2
    zoom: bool = True
    pan: bool = True
    window: bool = True


class ScreenPlan(_Section, frozen=True, kw_only=True):
    """The display of the station; None is asked from the system, or taken from the tracker."""

    width_px: _Pixels = 1920
    height_px: _Pixels = 1080
    width_mm: _Measure = 531.0
    height_mm: _Measure = 299.0
    distance_mm: _Measure = 650.0


class QualityLimits(_Section, frozen=True, kw_only=True):
    """When a reading is good enough to count; None sets no limit."""

    max_data_loss: _Share = 0.15
    max_gap_ms: _Count = 3000
    max_rms_s2s_deg: _Amount | None = None
    max_disparity_deg: _Amount | None = None


class Protocol(_Section, frozen=True, kw_only=True):
    """One study protocol; see ``docs`` for what each key does."""

    title: str
    version: str
    reader_pattern: str = r"R[0-9]{2,4}"
    consent: str | None = None
    seed: _Count = 0
    images: ImagePlan
    screen: ScreenPlan = ScreenPlan()
    calibration: CalibrationPlan = CalibrationPlan()
    reading: ReadingPlan = ReadingPlan()
    viewer: ViewerPlan = ViewerPlan()
    quality: QualityLimits = QualityLimits()
    steps: tuple[Step, ...] = ()


def load_protocol(path: Path) -> Protocol:
    """Read a protocol file.

    Raises
    ------
    UsageError
        The file is missing, a key is unknown, a value is wrong or out of range, or the images
        have no single origin.
    """
    protocol = load_toml(path, Protocol)
    try:
        re.compile(protocol.reader_pattern)
    except re.error as error:
        raise UsageError(
            f"not a regular expression: {error}",
            where=f"{path.name}: reader_pattern",
            expected="a pattern such as R[0-9]{2,4}",
        ) from error
    plan = protocol.images
    given = [name for name in ("synthetic", "list", "folder") if getattr(plan, name) is not None]
    if len(given) != 1:
        raise UsageError(
            "the images need one origin",
            where=f"{path.name}: images",
            expected="exactly one of synthetic, list, folder",
            found=", ".join(given) or "none",
        )
    codes = [step.code for step in protocol.steps]
    if len(codes) != len(set(codes)):
        raise UsageError("two steps have one code", where=f"{path.name}: steps", found=codes)
    return protocol


def protocol_hash(path: Path) -> str:
    """Return the SHA-256 of the protocol file's bytes, which names the protocol in a session."""
    return sha256_file(path)
