"""The one table of columns: name, Arrow type, unit, nullability, meaning, since which schema.

Schemas, ``meta/schema.md``, the dataset card and the documentation are derived from it.
Plain Arrow types only, so that pandas, polars, duckdb and Hugging Face datasets read every table.
"""

from dataclasses import dataclass

import pyarrow as pa

from gazekit.model.column_types import CLUSTER_TYPE, FILE_TYPE, FINDING_TYPE, IMAGE_TYPE, WORD_TYPE

__all__ = [
    "HEATMAP_GRID",
    "TABLES",
    "Column",
    "columns_of",
]

HEATMAP_GRID = 32
"""Side of the convenience heatmap that each key frame carries; others are rendered on demand."""


@dataclass(frozen=True)
class Column:
    """One column of one table."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str | None = None
    nullable: bool = False
    since: str = "1.0"


_I64, _I32, _I16 = pa.int64(), pa.int32(), pa.int16()
_F64, _F32 = pa.float64(), pa.float32()
_STR, _BOOL = pa.string(), pa.bool_()


def _c(
    name: str,
    type_: pa.DataType,
    unit: str | None,
    meaning: str,
    *,
    nullable: bool = False,
    since: str = "1.0",
) -> Column:
    return Column(name, type_, meaning, unit, nullable, since)


def _eye(eye: str) -> list[Column]:
    return [
        _c(f"{eye}_gaze_x_norm", _F64, "1", f"{eye} gaze on the display area, 0 left to 1 right"),
        _c(f"{eye}_gaze_y_norm", _F64, "1", f"{eye} gaze on the display area, 0 top to 1 bottom"),
        _c(f"{eye}_gaze_valid", _BOOL, None, "the tracker's own validity of the gaze point"),
        _c(f"{eye}_gaze_x_mm", _F32, "mm", "gaze point, user coordinate system"),
        _c(f"{eye}_gaze_y_mm", _F32, "mm", "gaze point, user coordinate system"),
        _c(f"{eye}_gaze_z_mm", _F32, "mm", "gaze point, user coordinate system"),
        _c(f"{eye}_origin_x_mm", _F32, "mm", "eye position, user coordinate system"),
        _c(f"{eye}_origin_y_mm", _F32, "mm", "eye position, user coordinate system"),
        _c(f"{eye}_origin_z_mm", _F32, "mm", "eye position, user coordinate system"),
        _c(f"{eye}_origin_valid", _BOOL, None, "the tracker's own validity of the eye position"),
        _c(f"{eye}_pupil_mm", _F32, "mm", "pupil diameter"),
        _c(f"{eye}_pupil_valid", _BOOL, None, "the tracker's own validity of the pupil"),
    ]


_RAW_SAMPLES = [
    _c("device_time_us", _I64, "us", "the tracker's own time stamp"),
    _c("system_time_us", _I64, "us", "the same moment on the session clock, as the SDK gives it"),
    _c("received_us", _I64, "us", "session clock when the sample reached us"),
    *_eye("left"),
    *_eye("right"),
]

_CLOCK = [
    _c("request_us", _I64, "us", "session clock when the device was asked"),
    _c("device_us", _I64, "us", "the device's clock"),
    _c("response_us", _I64, "us", "session clock when it had answered"),
]

_AUDIO_BLOCKS = [
    _c("first_frame", _I64, None, "first frame of the block, from the segment's start"),
    _c("n_frames", _I64, None, "frames in it"),
    _c("adc_time_s", _F64, "s", "when its first frame was sampled, on the driver's clock"),
    _c("driver_time_s", _F64, "s", "the driver's clock when the block was handed over"),
    _c("received_us", _I64, "us", "session clock when the block was handed over"),
    _c("overflowed", _BOOL, None, "the driver lost frames before it"),
]

_OPENNESS = [
    _c("device_time_us", _I64, "us", "the tracker's own time stamp"),
    _c("system_time_us", _I64, "us", "the same moment on the session clock, as the SDK gives it"),
    _c("received_us", _I64, "us", "session clock when it reached us"),
    _c("left_openness_mm", _F32, "mm", "gap between the lids; NaN where invalid"),
    _c("left_openness_valid", _BOOL, None, "the tracker's own validity"),
    _c("right_openness_mm", _F32, "mm", "gap between the lids; NaN where invalid"),
    _c("right_openness_valid", _BOOL, None, "the tracker's own validity"),
]

_PLACE = [
    _c(f"{eye}_{axis}_norm", _F32, "1", f"{eye} eye in the tracker's box, 0 to 1; 0.5: its middle")
    for eye in ("left", "right")
    for axis in "xyz"
]

_POSITION = [
    _c("received_us", _I64, "us", "session clock when it reached us; the stream has no time stamp"),
    *_PLACE,
    _c("left_valid", _BOOL, None, "the tracker's own validity"),
    _c("right_valid", _BOOL, None, "the tracker's own validity"),
]

_TRACKBOX = [
    _c("device_time_us", _I64, "us", "the sample's own time stamp; trackers of SDK 1 only"),
    *_PLACE,
]

_SIGNAL = [
    _c("device_time_us", _I64, "us", "the tracker's own time stamp"),
    _c("system_time_us", _I64, "us", "the same moment on the session clock, as the SDK gives it"),
    _c("received_us", _I64, "us", "session clock when it reached us"),
    _c("value", _I64, None, "value of the port"),
    _c("change_type", _STR, None, "value_changed, initial_value or connection_restored"),
]

_PAIRS = [
    _c("clock", _STR, None, "which clock: wall or psychopy"),
    _c("request_us", _I64, "us", "session clock before that clock was read"),
    _c("other_us", _I64, "us", "that clock, from its first reading in this session"),
    _c("response_us", _I64, "us", "session clock after it was read"),
]

_SAMPLES = [
    _c("time_us", _I64, "us", "session clock; the tracker's own moments"),
    _c("left_x_px", _F64, "screen px", "left gaze; NaN where invalid"),
    _c("left_y_px", _F64, "screen px", "left gaze; NaN where invalid"),
    _c("right_x_px", _F64, "screen px", "right gaze; NaN where invalid"),
    _c("right_y_px", _F64, "screen px", "right gaze; NaN where invalid"),
    _c("left_pupil_mm", _F32, "mm", "left pupil diameter; NaN where invalid"),
    _c("right_pupil_mm", _F32, "mm", "right pupil diameter; NaN where invalid"),
    _c("distance_mm", _F32, "mm", "eye to screen, mean of valid eyes; NaN where unknown"),
]

_EVENTS_DETECTED = [
    _c("kind", _STR, None, "fixation, saccade, pso, pursuit or blink"),
    _c("onset_us", _I64, "us", "first sample of the event"),
    _c("offset_us", _I64, "us", "end, half-open: the first moment that is not in it"),
    _c("x_px", _F64, "screen px", "mean gaze; NaN for a blink"),
    _c("y_px", _F64, "screen px", "mean gaze; NaN for a blink"),
    _c("amplitude_deg", _F64, "deg", "angle between first and last sample"),
    _c("peak_velocity_deg_s", _F64, "deg/s", "largest angular velocity inside"),
    _c("dispersion_deg", _F64, "deg", "root mean square distance from the mean gaze"),
]

_IDS = [
    _c("reading_id", _STR, None, "the reading"),
    _c("image_id", _STR, None, "the image; of a reading of several, the first that was shown"),
    _c("reader_id", _STR, None, "pseudonym of the reader"),
    _c("patient_id", _STR, None, "pseudonym of the patient", nullable=True),
    _c("split", _STR, None, "train, validation or test, or held_out; by patient"),
]


def _heatmap(side: int) -> Column:
    return _c(
        "heatmap",
        pa.list_(pa.uint8(), side * side),
        "1/255 of max",
        f"{side} x {side} grid over the whole image, row-major; for convenience",
    )


_KEYFRAMES = [
    _c("keyframe_id", _STR, None, "reading and sentence: <reading_id>/<sentence_index>"),
    _c("sentence_id", _STR, None, "the sentence it shows; same key"),
    *_IDS,
    _c("sentence_index", _I32, None, "place of the sentence in the reading, from 0"),
    _c("text", _STR, None, "the sentence as dictated"),
    _c("step", _STR, None, "step of the review protocol, such as B", nullable=True),
    _c("labels", pa.list_(_STR), None, "findings that the sentence asserts as present"),
    _c("onset_us", _I64, "us", "start of the sentence, from the reading's onset"),
    _c("offset_us", _I64, "us", "end of the sentence, from the reading's onset"),
    _c("window_onset_us", _I64, "us", "gaze from here ..."),
    _c("window_offset_us", _I64, "us", "... to here belongs to the key frame"),
    _c("image_width_px", _I32, "px", "width of the image that coordinates refer to"),
    _c("image_height_px", _I32, "px", "height of the image that coordinates refer to"),
    _c("fixation_x_px", pa.list_(_F32), "image px", "fixations of the window, in order"),
    _c("fixation_y_px", pa.list_(_F32), "image px", "fixations of the window, in order"),
    _c("fixation_onset_us", pa.list_(_I64), "us", "from the reading's onset"),
    _c("fixation_duration_us", pa.list_(_I64), "us", "the part inside the window"),
    _c("fixation_sigma_x_px", pa.list_(_F32), "image px", "one degree of visual angle, along x"),
    _c("fixation_sigma_y_px", pa.list_(_F32), "image px", "one degree of visual angle, along y"),
    _heatmap(HEATMAP_GRID),
    _c("gaze_x0_px", _F32, "image px", "observation box, from gaze; never truth", nullable=True),
    _c("gaze_y0_px", _F32, "image px", "observation box, from gaze; never truth", nullable=True),
    _c("gaze_x1_px", _F32, "image px", "observation box, from gaze; never truth", nullable=True),
    _c("gaze_y1_px", _F32, "image px", "observation box, from gaze; never truth", nullable=True),
    _c("centroid_x_px", _F32, "image px", "duration-weighted mean of the fixations"),
    _c("centroid_y_px", _F32, "image px", "duration-weighted mean of the fixations"),
    _c("findings", pa.list_(FINDING_TYPE), None, "placed findings whose label the text asserts"),
    _c(
        "gaze_time_us",
        _I64,
        "us",
        "mean time of its gaze, from the reading's onset",
        nullable=True,
        since="1.1",
    ),
    _c(
        "clusters",
        pa.list_(CLUSTER_TYPE),
        "us and image px",
        "places of its gaze in order, each with times, centroid and box; see docs/keyframes.md",
        nullable=True,
        since="1.1",
    ),
    _c(
        "fixation_cluster",
        pa.list_(_I16),
        None,
        "which of the clusters each fixation is in; null for none of them",
        nullable=True,
        since="1.1",
    ),
]

_SENTENCES = [
    _c("sentence_id", _STR, None, "reading and sentence: <reading_id>/<sentence_index>"),
    *_IDS,
    _c("sentence_index", _I32, None, "place in the reading, from 0"),
    _c("text", _STR, None, "the sentence as dictated"),
    _c("step", _STR, None, "step of the review protocol, such as B", nullable=True),
    _c("labels", pa.list_(_STR), None, "findings asserted as present"),
    _c("onset_us", _I64, "us", "first timed word, from the reading's onset", nullable=True),
    _c("offset_us", _I64, "us", "last timed word's end", nullable=True),
    _c("words", pa.list_(WORD_TYPE), None, "words; null times where none are known"),
    _c("n_fixations", _I32, None, "fixations in its key frame; 0 when it has none"),
]

_FIXATIONS = [
    _c("fixation_id", _STR, None, "reading and fixation: <reading_id>/<fixation_index>"),
    *_IDS,
    _c("fixation_index", _I32, None, "order in the reading, from 0"),
    _c("onset_us", _I64, "us", "from the reading's onset"),
    _c("offset_us", _I64, "us", "half-open end, from the reading's onset"),
    _c("duration_us", _I64, "us", "offset - onset"),
    _c("x_px", _F32, "image px", "through the view state; may lie off the image"),
    _c("y_px", _F32, "image px", "through the view state; may lie off the image"),
    _c("screen_x_px", _F32, "screen px", "where it stood on the screen"),
    _c("screen_y_px", _F32, "screen px", "where it stood on the screen"),
    _c("sigma_x_px", _F32, "image px", "one degree of visual angle there, along x"),
    _c("sigma_y_px", _F32, "image px", "one degree of visual angle there, along y"),
    _c("dispersion_deg", _F32, "deg", "root mean square distance from its mean"),
    _c("shown", _F32, "1", "share of its time on the displayed image"),
    _c("view_index", _I32, None, "view state at its onset, from 0 in the reading"),
]

_READINGS = [
    *_IDS,
    _c("study_id", _STR, None, "pseudonym of the study", nullable=True),
    _c("session_id", _STR, None, "the sitting", nullable=True),
    _c("source", _STR, None, "kind of source: session, tobii_tsv, ..."),
    _c("order", _I32, None, "place in the session, from 0", nullable=True),
    _c("outcome", _STR, None, "complete, aborted or redone"),
    _c("simulated", _BOOL, None, "the gaze was simulated"),
    _c("origin_us", _I64, "us", "the reading's onset on the session clock"),
    _c("duration_us", _I64, "us", "onset to offset"),
    _c("report", _STR, None, "the whole dictation", nullable=True),
    _c("findings", pa.list_(FINDING_TYPE), None, "findings, with place and origin"),
    _c("finding_image_id", pa.list_(_STR), None, "image of each", nullable=True, since="1.1"),
    _c("n_samples", _I64, None, "gaze samples"),
    _c("n_fixations", _I32, None, "fixations"),
    _c("n_sentences", _I32, None, "sentences"),
    _c("n_keyframes", _I32, None, "key frames"),
    _c("rate_hz", _F32, "Hz", "effective rate, from the median step"),
    _c("data_loss", _F32, "1", "share of samples with no valid eye"),
    _c("largest_gap_us", _I64, "us", "longest run without valid gaze"),
    _c("rms_s2s_deg", _F32, "deg", "precision within fixations, sample to sample", nullable=True),
    _c("accuracy_deg", _F32, "deg", "last accepted validation before it", nullable=True),
    _c("screen_width_px", _I32, "px", "the display"),
    _c("screen_height_px", _I32, "px", "the display"),
    _c("screen_width_mm", _F32, "mm", "the display"),
    _c("screen_height_mm", _F32, "mm", "the display"),
    _c("distance_mm", _F32, "mm", "eye to screen, median; nominal where unknown"),
]

_IMAGES = [
    _c("image_id", _STR, None, "the image"),
    _c("patient_id", _STR, None, "pseudonym of the patient", nullable=True),
    _c("study_id", _STR, None, "pseudonym of the study", nullable=True),
    _c("split", _STR, None, "train, validation or test, or held_out; by patient"),
    _c("width_px", _I32, "px", "width that coordinates refer to"),
    _c("height_px", _I32, "px", "height that coordinates refer to"),
    _c("sha256", _STR, None, "of the display pixels"),
    _c("photometric", _STR, None, "photometric interpretation of the source"),
    _c("bits_stored", _I32, "bit", "of the source"),
    _c("window_low", _F64, "display value", "default grey window, black"),
    _c("window_high", _F64, "display value", "default grey window, white"),
    _c("window_source", _STR, None, "where the window came from"),
    _c("modality", _STR, None, "DICOM modality", nullable=True),
    _c("view_position", _STR, None, "DICOM view position", nullable=True),
    _c("row_spacing_mm", _F64, "mm", "detector spacing; null when missing or 0", nullable=True),
    _c("column_spacing_mm", _F64, "mm", "detector spacing; null when missing or 0", nullable=True),
    _c(
        "image",
        IMAGE_TYPE,
        None,
        "8-bit PNG as displayed, may be smaller than width and height; null when not embedded",
        nullable=True,
    ),
]

_EXCLUSIONS = [
    _c("unit", _STR, None, "what was left out: session, reading, sentence, image or recording"),
    _c("unit_id", _STR, None, "its id, or the name of its source"),
    _c("reason", _STR, None, "reason code, see docs/glossary.md"),
    _c("detail", _STR, None, "one line: what, expected, found, remedy"),
]

_MANIFEST = [
    _c("reading_id", _STR, None, "the reading"),
    _c("unit_key", _STR, None, "SHA-256 of sources, configuration, schema and stage versions"),
    _c("source", _STR, None, "kind of source"),
    _c("source_sha256", _STR, None, "hash over the source files' hashes"),
    _c("n_keyframes", _I32, None, "rows it contributed"),
    _c("n_fixations", _I32, None, "rows it contributed"),
]

_CLEANED = [
    *_IDS,
    _c("sample_index", _I32, None, "order in the reading, from 0"),
    _c("time_us", _I64, "us", "the tracker's own moment, from the reading's onset"),
    _c("screen_x_px", _F32, "screen px", "cleaned gaze; null in a gap", nullable=True),
    _c("screen_y_px", _F32, "screen px", "cleaned gaze; null in a gap", nullable=True),
    _c("x_px", _F32, "image px", "through the view state; null without one", nullable=True),
    _c("y_px", _F32, "image px", "through the view state; null without one", nullable=True),
    _c("view_index", _I32, None, "view state at its time, from 0 in the reading; -1 before it"),
    _c("gap", _BOOL, None, "the tracker gave no gaze here, or it was dropped; filled or not"),
    _c("filled", _BOOL, None, "the gaze was made by interpolation"),
    _c("blink", _BOOL, None, "the gap is a blink"),
    _c("off_screen", _BOOL, None, "the gaze lies beyond the display"),
    _c("off_image", _BOOL, None, "the gaze lies beside the image, or none was shown"),
]

_AUDIO = [
    *_IDS,
    _c("audio_index", _I32, None, "order in the reading, from 0"),
    _c("segment", _I32, None, "stretch of sound in the session"),
    _c("first_frame", _I64, None, "its first frame in that stretch; the rest lies outside"),
    _c("n_frames", _I64, None, "frames in it"),
    _c("channels", _I16, None, "channels"),
    _c("nominal_rate_hz", _I32, "Hz", "what the device was asked for, and the FLAC says"),
    _c("onset_us", _I64, "us", "frame n was heard at onset_us + n / rate_hz * 1e6", nullable=True),
    _c("rate_hz", _F64, "Hz", "frames a second of the session clock", nullable=True),
    _c("residual_us", _F64, "us", "median distance of the blocks from that line", nullable=True),
    _c("simulated", _BOOL, None, "the microphone was simulated"),
    _c("pcm_sha256", _STR, None, "of the decoded 16-bit samples"),
    _c("sound", FILE_TYPE, None, "16-bit FLAC; the voice of a person"),
]

TABLES: dict[str, tuple[Column, ...]] = {
    "raw_samples": tuple(_RAW_SAMPLES),
    "clock": tuple(_CLOCK),
    "audio_blocks": tuple(_AUDIO_BLOCKS),
    "openness": tuple(_OPENNESS),
    "position": tuple(_POSITION),
    "trackbox": tuple(_TRACKBOX),
    "signal": tuple(_SIGNAL),
    "pairs": tuple(_PAIRS),
    "samples": tuple(_SAMPLES),
    "events": tuple(_EVENTS_DETECTED),
    "keyframes": tuple(_KEYFRAMES),
    "sentences": tuple(_SENTENCES),
    "fixations": tuple(_FIXATIONS),
    "readings": tuple(_READINGS),
    "images": tuple(_IMAGES),
    "exclusions": tuple(_EXCLUSIONS),
    "manifest": tuple(_MANIFEST),
    "cleaned_samples": tuple(_CLEANED),
    "audio": tuple(_AUDIO),
}


def columns_of(table: str, *, heatmap_grid: int = HEATMAP_GRID) -> tuple[Column, ...]:
    """Return the columns of `table`, in order; KeyError for a table that does not exist.

    `heatmap_grid`: side of the grid that key frames carry, where it is not the usual one.
    """
    columns = TABLES[table]
    if heatmap_grid == HEATMAP_GRID or table != "keyframes":
        return columns
    return tuple(_heatmap(heatmap_grid) if c.name == "heatmap" else c for c in columns)
