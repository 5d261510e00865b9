"""What a study protocol says: images, order, calibration limits, review steps. A TOML file."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gazekit.model.config import load_toml
from gazekit.model.dictation import AudioMode
from gazekit.model.errors import UsageError
from gazekit.model.files import sha256_file

__all__ = [
    "CalibrationPlan",
    "DictationPlan",
    "Drag",
    "ImagePlan",
    "Protocol",
    "QualityLimits",
    "ReadingPlan",
    "ScreenPlan",
    "SessionPlan",
    "Step",
    "ViewerKeys",
    "ViewerMouse",
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

    `order`: ``given``; ``random``, the same for every reader; ``by_reader``, another for each;
    ``latin_square``, a balanced one, by the session number; ``blocks``, so many `blocks` whose
    order is a Latin square and whose inside is shuffled. All are drawn from the seed.
    `together`: images of one study in the list are paged through in one reading, or not.
    """

    synthetic: _Count | None = None
    synthetic_px: tuple[_Phantom, _Phantom] = (1024, 1280)
    list: str | None = None
    folder: str | None = None
    order: Literal["given", "random", "by_reader", "latin_square", "blocks"] = "random"
    blocks: Annotated[int, msgspec.Meta(ge=2, le=100)] = 2
    together: Literal["study", "image"] = "study"


class CalibrationPlan(_Section, frozen=True, kw_only=True):
    """How calibration goes and is checked; limits in degrees and as a share of samples.

    `background`: the grey behind the targets, 0 to 1; None is the mean grey of the images as they
    are shown. It is done anew after so many readings or minutes where these are given, after a
    break, and when the head was out of the tracker's box for `out_of_box_s` (0: never).
    """

    points: Literal[5, 9, 13] = 5
    attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    target_px: Annotated[float, msgspec.Meta(ge=4, le=200)] = 24.0
    background: _Share | None = None
    drift_check: bool = True
    every_readings: _Count | None = None
    every_minutes: _Measure | None = None
    after_break: bool = True
    out_of_box_s: _Amount = 2.0
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


class DictationPlan(_Section, frozen=True, kw_only=True):
    """How it is dictated, and what the reader is asked after each reading.

    `mode`: the microphone is on through the whole reading, or while `talk_key` is held down.
    `device`: a part of the microphone's name; None is the system's own. `transcript`: the text is
    typed or corrected; `confidence`: 1 to 5; `marks`: findings are marked on the image, with one
    of `labels` (None: the 14 CheXpert classes) and a certainty.
    """

    mode: AudioMode = "continuous"
    device: str | None = None
    rate_hz: Annotated[int, msgspec.Meta(ge=8000, le=96_000)] = 16_000
    talk_key: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] = "t"
    transcript: bool = False
    confidence: bool = False
    marks: bool = False
    labels: tuple[str, ...] | None = None


_Keys = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=20)], ...]
Drag = Literal["pan", "zoom", "window", "none"]


class ViewerKeys(_Section, frozen=True, kw_only=True):
    """Which keys do what while an image is shown; names as ``f``, ``pagedown``, ``ctrl+r``."""

    finish: _Keys = ("space", "return", "enter")
    fit: _Keys = ("f",)
    one_to_one: _Keys = ("o",)
    reset: _Keys = ("r",)
    invert: _Keys = ("i",)
    next_image: _Keys = ("pagedown", "right")
    previous_image: _Keys = ("pageup", "left")
    lung: _Keys = ("1",)
    soft_tissue: _Keys = ("2",)
    bone: _Keys = ("3",)
    default: _Keys = ("4",)
    full_range: _Keys = ("5",)


class ViewerMouse(_Section, frozen=True, kw_only=True):
    """What dragging with each button does, and the wheel."""

    left: Drag = "pan"
    middle: Drag = "pan"
    right: Drag = "window"
    wheel: Literal["zoom", "page", "none"] = "zoom"


class ViewerPlan(_Section, frozen=True, kw_only=True):
    """What the reader may do; `background` is the grey around the image, 0 to 1."""

    background: _Share = 0.2
    zoom: bool = True
    pan: bool = True
    window: bool = True
    keys: ViewerKeys = ViewerKeys()
    mouse: ViewerMouse = ViewerMouse()


class SessionPlan(_Section, frozen=True, kw_only=True):
    """How a session goes around its readings.

    `practice`: so many phantoms are read first, and do not count. `interrupted`: whether a reading
    that was cut is read again when the session is resumed. `backup`: a folder to which the session
    is copied after each reading.
    """

    practice: _Count = 0
    position: bool = True
    break_every_readings: _Count | None = None
    break_every_minutes: _Measure | None = None
    interrupted: Literal["requeue", "exclude"] = "requeue"
    backup: str | None = None


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
    ethics: str | None = None
    seed: _Count = 0
    images: ImagePlan
    session: SessionPlan = SessionPlan()
    screen: ScreenPlan = ScreenPlan()
    calibration: CalibrationPlan = CalibrationPlan()
    reading: ReadingPlan = ReadingPlan()
    dictation: DictationPlan = DictationPlan()
    viewer: ViewerPlan = ViewerPlan()
    quality: QualityLimits = QualityLimits()
    steps: tuple[Step, ...] = ()


def load_protocol(path: Path) -> Protocol:
    """Read a protocol file.

    Raises
    ------
    UsageError
        The file is missing, a key is unknown, a value is wrong or out of range, the images have
        no single origin, or a key of the keyboard does two things.
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
    keys = [key for keys in msgspec.structs.astuple(protocol.viewer.keys) for key in keys]
    if len(keys) != len(set(keys)):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise UsageError(
            "one key does two things", where=f"{path.name}: viewer.keys", found=", ".join(twice)
        )
    codes = [step.code for step in protocol.steps]
    if len(codes) != len(set(codes)):
        raise UsageError("two steps have one code", where=f"{path.name}: steps", found=codes)
    return protocol


def protocol_hash(path: Path) -> str:
    """Return the SHA-256 of the protocol file's bytes, which names the protocol in a session."""
    return sha256_file(path)
