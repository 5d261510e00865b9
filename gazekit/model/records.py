"""The records of a study: one frozen struct for each thing that has a name in the field.

Records carry identity and short facts; long series (samples, fixations) are Arrow tables whose
columns stand in :mod:`gazekit.model.columns`. Times are int64 microseconds on the session clock,
which is the host's monotonic clock (``time.perf_counter_ns() // 1000``), unless a name says
otherwise. No record holds a wall-clock time except ``created_at``, and none an identity.
"""

from typing import Literal

import msgspec

from gazekit.model.version import SCHEMA_VERSION

__all__ = [
    "AnnotationShape",
    "Assertion",
    "CalibrationRecord",
    "Event",
    "EventValue",
    "FindingOrigin",
    "FindingRecord",
    "ImageRecord",
    "Outcome",
    "ReaderRecord",
    "ReadingRecord",
    "ScreenRecord",
    "SessionRecord",
    "TrackerRecord",
    "ValidationPoint",
    "ViewState",
    "Word",
]

Outcome = Literal["complete", "aborted", "redone", "practice"]
Assertion = Literal["present", "absent", "uncertain"]
AnnotationShape = Literal["box", "ellipse"]
FindingOrigin = Literal["human", "gaze", "text", "simulated", "unstated"]
EventValue = dict[str, str | int | float | bool | None]


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common base: immutable, keyword-only, unknown fields refused."""


class ScreenRecord(_Record, frozen=True, kw_only=True):
    """A flat display and where the eyes are before it.

    `width_px`, `height_px`: its resolution; `width_mm`, `height_mm`: its active area;
    `distance_mm`: from the eyes to its centre, along its normal. `refresh_hz` where known.
    """

    width_px: int
    height_px: int
    width_mm: float
    height_mm: float
    distance_mm: float
    refresh_hz: float | None = None


class TrackerRecord(_Record, frozen=True, kw_only=True):
    """The eye tracker as it named itself; `kind` is our adapter (``simulated``, ``titta``, ...)."""

    kind: str
    rate_hz: float
    simulated: bool
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None


class ReaderRecord(_Record, frozen=True, kw_only=True):
    """The person whose eyes are recorded, under a pseudonym such as ``R01``."""

    reader_id: str
    experience: str | None = None


class SessionRecord(_Record, frozen=True, kw_only=True):
    """One sitting. Written first; replaced atomically at close with ``closed = True``.

    `speed` is 1.0 for a session in real time; simulated sessions may run faster, on a session
    clock that is scaled by this factor. `recovered` says that the session was cut and mended.
    `planned`: the first image of each reading that was still to come, in order; `session_number`:
    the row of a counterbalanced order. `continues`: the session that this one resumes.
    """

    session_id: str
    created_at: str
    protocol: str
    protocol_sha256: str
    seed: int
    reader: ReaderRecord
    screen: ScreenRecord
    tracker: TrackerRecord
    software: dict[str, str]
    consent: str | None = None
    ethics: str | None = None
    session_number: int | None = None
    planned: tuple[str, ...] = ()
    continues: str | None = None
    simulated: bool = False
    speed: float = 1.0
    closed: bool = False
    recovered: bool = False
    schema_version: str = SCHEMA_VERSION


class ImageRecord(_Record, frozen=True, kw_only=True):
    """One image as displayed.

    `sha256`: of the display pixels (uint16, little-endian, row-major), so that it names what was
    seen and not the file it came in. `window_low`, `window_high`: the default window in display
    pixel values. `pixel_spacing_mm`: (row, column) spacing at the detector, None when missing or
    not positive. `patient_id`, `study_id`: pseudonyms. `pixel_aspect`: height of a pixel over its
    width, where they differ; pixels are displayed as they are stored. `source_to_display`: the
    affine from pixels of the file to these, where they are not the same (see `ViewState`).
    """

    image_id: str
    sha256: str
    width_px: int
    height_px: int
    window_low: float
    window_high: float
    window_source: str
    photometric: str
    bits_stored: int
    patient_id: str | None = None
    study_id: str | None = None
    modality: str | None = None
    view_position: str | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    pixel_aspect: float | None = None
    source_to_display: tuple[float, float, float, float, float, float] | None = None


class ViewState(_Record, frozen=True, kw_only=True):
    """What was on the screen from `time_us` on, until the next one.

    `time_us`: the flip of the first frame that shows it. `image_to_screen`: the affine
    ``(a, b, c, d, e, f)`` with ``x_screen = a x + b y + c`` and ``y_screen = d x + e y + f``,
    pixels of the image to pixels of the screen; None while no image is shown.
    `clip_px`: ``(x0, y0, x1, y1)``, the part of the screen in which the image may appear.
    `window_low`, `window_high`: grey window in display pixel values.
    """

    time_us: int
    image_id: str | None = None
    image_to_screen: tuple[float, float, float, float, float, float] | None = None
    clip_px: tuple[float, float, float, float] | None = None
    window_low: float | None = None
    window_high: float | None = None
    inverted: bool = False
    reading_id: str | None = None
    input_us: int | None = None
    cause: str | None = None


class Event(_Record, frozen=True, kw_only=True):
    """Something that happened: `kind` says what, `value` the rest (see ``docs/glossary.md``).

    Readings are bracketed by ``reading_start`` (value: reading_id, image_id, order) and
    ``reading_end`` (value: reading_id, outcome); one without an end was aborted.
    """

    time_us: int
    kind: str
    duration_us: int | None = None
    value: EventValue = {}


class ReadingRecord(_Record, frozen=True, kw_only=True):
    """One reader interprets one study. `offset_us` is None where the end was never seen."""

    reading_id: str
    reader_id: str
    image_id: str
    onset_us: int
    offset_us: int | None
    outcome: Outcome
    session_id: str | None = None
    patient_id: str | None = None
    study_id: str | None = None
    order: int | None = None


class Word(_Record, frozen=True, kw_only=True):
    """One dictated word. A word without a time has None; times are never invented."""

    reading_id: str
    index: int
    text: str
    onset_us: int | None = None
    offset_us: int | None = None
    confidence: float | None = None
    engine: str | None = None


class FindingRecord(_Record, frozen=True, kw_only=True):
    """A labelled statement about a reading, with its place where one is given.

    `x0_px` ... `y1_px`: bounding box in image pixels (an ellipse is the one inscribed in it).
    `origin` says who placed it; a box that was derived from gaze is never truth. ``unstated``: a
    published dataset does not say whether a person or a program did. `image_id`: which image of the
    study it lies on; None is the first.
    """

    reading_id: str
    label: str
    assertion: Assertion
    origin: FindingOrigin
    certainty: int | None = None
    shape: AnnotationShape | None = None
    x0_px: float | None = None
    y0_px: float | None = None
    x1_px: float | None = None
    y1_px: float | None = None
    image_id: str | None = None


class ValidationPoint(_Record, frozen=True, kw_only=True):
    """Gaze while a target of known place was looked at; errors in degrees, None without data.

    `gaze_x_norm`, `gaze_y_norm`: the median of gaze, 0 to 1 over the screen.
    """

    x_norm: float
    y_norm: float
    eye: Literal["left", "right"]
    accuracy_deg: float | None
    rms_s2s_deg: float | None
    std_deg: float | None
    data_loss: float
    gaze_x_norm: float | None = None
    gaze_y_norm: float | None = None


class CalibrationRecord(_Record, frozen=True, kw_only=True):
    """One attempt at calibration or validation; every attempt is kept."""

    time_us: int
    kind: Literal["calibration", "validation", "drift_check"]
    attempt: int
    accepted: bool
    points: tuple[ValidationPoint, ...] = ()
    accuracy_deg: float | None = None
    rms_s2s_deg: float | None = None
    std_deg: float | None = None
    data_loss: float | None = None
    reason: str | None = None
