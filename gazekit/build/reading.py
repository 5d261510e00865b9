"""What does one reading become? Its rows of every table, and what was left out of it.

::

    fixations on the image ----------------+
    words --> sentences --> windows -------+--> key frames: one a sentence, on the image of the
                                                study that most of its window's gaze lies on
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.align import (
    KeyframePlan,
    Overlap,
    Sentence,
    Window,
    assign_fixations,
    class_of,
    gazex_columns,
    labels_of,
    make_keyframe,
    sentence_windows,
    split_sentences,
    step_of,
)
from gazekit.align.fixations import FixationTable
from gazekit.align.gazex import GazexPlan, ImageSamples
from gazekit.build.config import BuildConfig
from gazekit.build.gaze import PlacedGaze, Told
from gazekit.build.rows import finding_rows, fixation_table, sentence_row
from gazekit.model.schemas import table_of
from gazekit.read import Exclusion

__all__ = ["ReadingParts", "build_reading"]

_Ints = NDArray[np.int64]

_US_PER_S = 1_000_000


@dataclass(frozen=True)
class ReadingParts:
    """The tables of one reading and its exclusions; no tables where it was left out whole."""

    tables: dict[str, pa.Table]
    excluded: tuple[Exclusion, ...]


def build_reading(source: PlacedGaze, *, split: str, config: BuildConfig) -> ReadingParts:
    """Build the rows of one reading from its placed gaze."""
    told, fixations, render = source.told, source.fixations, config.render
    sentences = split_sentences(told.words)
    excluded = [_silent(told)] if told.dictated and not sentences else []
    ids = _ids(told, split)
    keyframes, seen, left_out = _keyframes(told, sentences, fixations, ids=ids, config=config)
    excluded += left_out
    if source.raw is not None:
        keyframes = _as_the_paper(told, source.raw, sentences, keyframes)
    shown = {str(row["sentence_id"]): row["image_id"] for row in keyframes}
    sentence_rows = [
        _sentence(told, sentence, ids, n_fixations=seen.get(sentence.index, 0))
        for sentence in sentences
    ]
    sentence_rows = [
        {**row, "image_id": shown.get(str(row["sentence_id"]), row["image_id"])}
        for row in sentence_rows
    ]
    counts = {
        "n_samples": told.n_samples,
        "n_fixations": len(fixations),
        "n_sentences": len(sentences),
        "n_keyframes": len(keyframes),
    }
    report = told.report or " ".join(sentence.text for sentence in sentences) or None
    tables = {
        "readings": table_of("readings", [{**ids, **told.facts, **counts, "report": report}]),
        "fixations": fixation_table(
            fixations, ids, images=told.images, origin_us=told.reading.onset_us
        ),
        "sentences": table_of("sentences", sentence_rows),
        "keyframes": table_of("keyframes", keyframes, heatmap_grid=render.heatmap_grid),
    }
    return ReadingParts(tables, tuple(excluded))


def _ids(source: Told, split: str) -> dict[str, object]:
    reading = source.reading
    return {
        "reading_id": reading.reading_id,
        "image_id": reading.image_id,
        "reader_id": reading.reader_id,
        "patient_id": reading.patient_id,
        "split": split,
    }


def _silent(source: Told) -> Exclusion:
    name = source.reading.reading_id
    detail = f"{name}: the transcript is empty, so that the reading has fixations but no key frame"
    return Exclusion("reading", name, "transcript_empty", detail)


def _keyframes(
    source: Told,
    sentences: Sequence[Sentence],
    fixations: FixationTable,
    *,
    ids: dict[str, object],
    config: BuildConfig,
) -> tuple[list[dict[str, object]], dict[int, int], list[Exclusion]]:
    """Make the key frame of each sentence that has one; and count its fixations, by sentence."""
    origin = source.reading.onset_us
    plan, lead_us, overlap = _plan(config)
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
        place = _most_looked_at(fixations.image_index[members], inside_us * seen)
        seen &= fixations.image_index[members] == place
        image = source.images[place]
        gaze = make_keyframe(
            fixations,
            members[seen],
            inside_us[seen],
            image=image,
            origin_us=origin,
            plan=plan,
            window_onset_us=window.onset_us,
        )
        counts[window.index] = int(seen.sum())
        rows[window.index] = {
            **ids,
            "image_id": image.image_id,
            **gaze,
            **_spoken(source, sentence, image.image_id),
            **_span(sentence, window, origin),
        }
    return [rows[i] for i in sorted(rows)], counts, excluded


def _plan(config: BuildConfig) -> tuple[KeyframePlan, int, Overlap]:
    """Return how key frames are made, what leads a sentence (us), and who a fixation belongs to."""
    align, render = config.align, config.render
    plan = KeyframePlan(
        align.box_level,
        align.cluster_deg,
        sigma_deg=render.sigma_deg,
        grid=render.heatmap_grid,
    )
    if align.preset == "gazex":
        return plan, GazexPlan().lead_us, "share"
    return plan, round(align.lead_s * _US_PER_S), align.overlap


def _most_looked_at(image_index: _Ints, inside_us: _Ints) -> int:
    """Return the image that most of the gaze lies on; of two alike the first of the study."""
    return int(np.bincount(image_index, weights=inside_us).argmax())


def _as_the_paper(
    source: Told,
    raw: ImageSamples,
    sentences: Sequence[Sentence],
    keyframes: list[dict[str, object]],
) -> list[dict[str, object]]:
    """Take clusters, boxes, centroids and times from the raw samples, key by key."""
    rows = {int(str(row["sentence_index"])): row for row in keyframes}
    found: dict[int, dict[str, object]] = {}
    for place, image in enumerate(source.images):
        own = {i: row for i, row in rows.items() if row["image_id"] == image.image_id}
        found |= gazex_columns(
            raw.on(place),
            [sentence for sentence in sentences if sentence.index in own],
            fixations={
                index: (np.asarray(row["fixation_x_px"]), np.asarray(row["fixation_y_px"]))
                for index, row in own.items()
            },
            image_size=(image.width_px, image.height_px),
            origin_us=source.reading.onset_us,
        )
    none: dict[str, object] = dict.fromkeys(("clusters", "gaze_time_us", "fixation_cluster"))
    return [{**row, **found.get(index, none)} for index, row in rows.items()]


def _spoken(source: Told, sentence: Sentence, image_id: str) -> dict[str, object]:
    labels = labels_of(sentence.text)
    key, first = _key(source, sentence), source.image.image_id
    placed = [
        finding
        for finding in source.findings
        if finding.x0_px is not None
        and (finding.image_id or first) == image_id
        and class_of(finding.label) in labels
    ]
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
    source: Told,
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


def _key(source: Told, sentence: Sentence) -> str:
    return f"{source.reading.reading_id}/{sentence.index}"


def _untimed(source: Told, sentence: Sentence) -> Exclusion:
    key = _key(source, sentence)
    detail = f"{key}: no word of the sentence has a time (expected at least one)"
    return Exclusion("sentence", key, "sentence_untimed", detail)


def _unseen(source: Told, sentence: Sentence) -> Exclusion:
    key = _key(source, sentence)
    detail = f"{key}: no fixation on the image in the sentence's window"
    return Exclusion("sentence", key, "sentence_without_gaze", detail)
