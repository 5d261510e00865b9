"""What does one reading become? Its rows of every table, and what was left out of it.

::

    ReadingInput --> clean --> events --> fixations on the image --+
                     words --> sentences --> windows --------------+--> key frames
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.align import (
    KeyframePlan,
    Sentence,
    Window,
    assign_fixations,
    class_of,
    gazex_columns,
    given_fixations,
    image_fixations,
    labels_of,
    make_keyframe,
    raw_on_image,
    sentence_windows,
    split_sentences,
    step_of,
)
from gazekit.align.fixations import FixationTable
from gazekit.align.gazex import GazexPlan
from gazekit.build.config import BuildConfig
from gazekit.build.rows import (
    finding_rows,
    fixation_table,
    given_reading_row,
    reading_row,
    sentence_row,
)
from gazekit.clean import clean_samples, detect
from gazekit.model.geometry import ViewTrack
from gazekit.model.schemas import table_of
from gazekit.read import Exclusion, ReadingInput

__all__ = ["ReadingParts", "build_reading"]

_US_PER_S = 1_000_000

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReadingParts:
    """The tables of one reading and its exclusions; no tables where it was left out whole."""

    tables: dict[str, pa.Table]
    excluded: tuple[Exclusion, ...]


def build_reading(source: ReadingInput, *, split: str, config: BuildConfig) -> ReadingParts:
    """Build the rows of one reading.

    Raises
    ------
    DataError
        Its times go backwards, or a view has no inverse.
    """
    if source.fixations is None and not any(view.image_to_screen for view in source.views):
        return ReadingParts({}, (_without_view(source),))
    if config.align.preset == "gazex" and source.samples.num_rows == 0:
        return ReadingParts({}, (_without_samples(source),))
    fixations, facts = _fixations(source, config)
    if len(fixations) == 0:
        return ReadingParts({}, (_without_gaze(source),))
    sentences = split_sentences(source.words)
    excluded = [_silent(source)] if source.dictated and not sentences else []
    ids = _ids(source, split)
    keyframes, seen, left_out = _keyframes(source, sentences, fixations, ids=ids, config=config)
    excluded += left_out
    if config.align.preset == "gazex":
        keyframes = _as_the_paper(source, sentences, keyframes)
    sentence_rows = [
        _sentence(source, sentence, ids, n_fixations=seen.get(sentence.index, 0))
        for sentence in sentences
    ]
    counts = {
        "n_samples": source.samples.num_rows,
        "n_fixations": len(fixations),
        "n_sentences": len(sentences),
        "n_keyframes": len(keyframes),
    }
    report = " ".join(sentence.text for sentence in sentences) or None
    tables = {
        "readings": table_of("readings", [{**ids, **facts, **counts, "report": report}]),
        "fixations": fixation_table(fixations, ids, origin_us=source.reading.onset_us),
        "sentences": table_of("sentences", sentence_rows),
        "keyframes": table_of("keyframes", keyframes),
    }
    return ReadingParts(tables, tuple(excluded))


def _fixations(
    source: ReadingInput, config: BuildConfig
) -> tuple[FixationTable, dict[str, object]]:
    """Find the fixations, or take those that the source gives; and what to say of the gaze."""
    if source.fixations is not None:
        return given_fixations(source.fixations), given_reading_row(source)
    screen = source.screen
    gaze = clean_samples(source.samples, screen, **msgspec.structs.asdict(config.clean))
    events = detect(gaze, screen, detector=config.detect.detector, params=config.detect.params)
    fixations = image_fixations(
        events,
        gaze,
        views=ViewTrack(source.views),
        screen=screen,
        image=source.image.record,
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


def _ids(source: ReadingInput, split: str) -> dict[str, object]:
    reading = source.reading
    return {
        "reading_id": reading.reading_id,
        "image_id": reading.image_id,
        "reader_id": reading.reader_id,
        "patient_id": reading.patient_id,
        "split": split,
    }


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


def _silent(source: ReadingInput) -> Exclusion:
    name = source.reading.reading_id
    detail = f"{name}: the transcript is empty, so that the reading has fixations but no key frame"
    return Exclusion("reading", name, "transcript_empty", detail)


def _keyframes(
    source: ReadingInput,
    sentences: Sequence[Sentence],
    fixations: FixationTable,
    *,
    ids: dict[str, object],
    config: BuildConfig,
) -> tuple[list[dict[str, object]], dict[int, int], list[Exclusion]]:
    """Make the key frame of each sentence that has one; and count its fixations, by sentence."""
    origin, align = source.reading.onset_us, config.align
    lead_us, overlap = round(align.lead_s * _US_PER_S), align.overlap
    if align.preset == "gazex":
        lead_us, overlap = GazexPlan().lead_us, "share"
    windows = sentence_windows(sentences, lead_us=lead_us, overlap=overlap, start_us=origin)
    held = assign_fixations(windows, fixations.onset_us, fixations.offset_us, overlap=overlap)
    by_index = {s.index: s for s in sentences}
    on_image = fixations.on_image()
    rows: dict[int, dict[str, object]] = {}
    counts: dict[int, int] = {}
    timed = {window.index for window in windows}
    excluded = [_untimed(source, s) for s in sentences if s.index not in timed]
    for window, (members, inside_us) in zip(windows, held, strict=True):
        sentence, seen = by_index[window.index], on_image[members]
        if not seen.any():
            excluded.append(_unseen(source, sentence))
            continue
        gaze = make_keyframe(
            fixations,
            members[seen],
            inside_us[seen],
            image=source.image.record,
            origin_us=origin,
            plan=KeyframePlan(align.box_level, align.cluster_deg),
            window_onset_us=window.onset_us,
        )
        counts[window.index] = int(seen.sum())
        rows[window.index] = {
            **ids,
            **gaze,
            **_spoken(source, sentence),
            **_span(sentence, window, origin),
        }
    return [rows[i] for i in sorted(rows)], counts, excluded


def _as_the_paper(
    source: ReadingInput, sentences: Sequence[Sentence], keyframes: list[dict[str, object]]
) -> list[dict[str, object]]:
    """Take clusters, boxes, centroids and times from the raw samples, key by key."""
    image, origin = source.image.record, source.reading.onset_us
    size = (image.width_px, image.height_px)
    found = gazex_columns(raw_on_image(source), sentences, image_size=size, origin_us=origin)
    none = {"clusters": None, "gaze_time_us": None}
    return [{**row, **found.get(int(str(row["sentence_index"])), none)} for row in keyframes]


def _spoken(source: ReadingInput, sentence: Sentence) -> dict[str, object]:
    labels = labels_of(sentence.text)
    key = _key(source, sentence)
    placed = [f for f in source.findings if f.x0_px is not None and class_of(f.label) in labels]
    return {
        "keyframe_id": key,
        "sentence_id": key,
        "sentence_index": sentence.index,
        "text": sentence.text,
        "step": step_of(sentence.text, source.steps),
        "labels": labels,
        "findings": finding_rows(placed),
    }


def _span(sentence: Sentence, window: Window, origin_us: int) -> dict[str, object]:
    onset, offset = sentence.onset_us, sentence.offset_us
    return {
        "onset_us": None if onset is None else onset - origin_us,
        "offset_us": None if offset is None else offset - origin_us,
        "window_onset_us": window.onset_us - origin_us,
        "window_offset_us": window.offset_us - origin_us,
    }


def _sentence(
    source: ReadingInput,
    sentence: Sentence,
    ids: dict[str, object],
    *,
    n_fixations: int,
) -> dict[str, object]:
    row = {
        "sentence_id": _key(source, sentence),
        "step": step_of(sentence.text, source.steps),
        "labels": labels_of(sentence.text),
        "n_fixations": n_fixations,
    }
    return {**ids, **row, **sentence_row(sentence, source.reading.onset_us)}


def _key(source: ReadingInput, sentence: Sentence) -> str:
    return f"{source.reading.reading_id}/{sentence.index}"


def _untimed(source: ReadingInput, sentence: Sentence) -> Exclusion:
    key = _key(source, sentence)
    detail = f"{key}: no word of the sentence has a time (expected at least one)"
    return Exclusion("sentence", key, "sentence_untimed", detail)


def _unseen(source: ReadingInput, sentence: Sentence) -> Exclusion:
    key = _key(source, sentence)
    detail = f"{key}: no fixation on the image in the sentence's window"
    return Exclusion("sentence", key, "sentence_without_gaze", detail)
