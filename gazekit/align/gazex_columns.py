"""What does the GazeX preset say of each key frame? Its clusters, its box, its times."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gazekit.align.gazex import GazexFrame, GazexPlan, ImageSamples, gazex_frames
from gazekit.align.sentences import Sentence

__all__ = ["gazex_columns"]

_Places = tuple[NDArray[np.float32], NDArray[np.float32]]
_BOX = ("x0_px", "y0_px", "x1_px", "y1_px")


def gazex_columns(
    samples: ImageSamples,
    sentences: Sequence[Sentence],
    *,
    fixations: Mapping[int, _Places],
    image_size: tuple[int, int],
    origin_us: int,
    plan: GazexPlan | None = None,
) -> dict[int, dict[str, object]]:
    """Return the columns that the paper's method decides, by the index of the sentence.

    Parameters
    ----------
    samples
        Raw gaze on the image, session time.
    sentences
        Of the reading; one without a time or without gaze has no entry, and moves no other.
    fixations
        (x_px, y_px) of the fixations of each sentence's key frame, by its index; others have none.
    image_size
        (width, height) in pixels.
    origin_us
        The reading's onset.
    plan
        The paper's constants by default.

    Returns
    -------
    dict
        `clusters`, `gaze_time_us`, `fixation_cluster`, the observation box and its centroid.
        Clusters are there where more than one was found, as in the paper; a fixation is in the one
        whose map is highest where it rests, or in none. Without a box the centroid is left out.
    """
    plan = plan or GazexPlan()
    frames: dict[int, list[GazexFrame]] = defaultdict(list)
    for frame in gazex_frames(samples, sentences, image_size=image_size, plan=plan):
        frames[frame.sentence_index].append(frame)
    step_us = float(np.median(np.diff(samples.time_us))) if samples.time_us.size > 1 else 0.0
    return {
        index: {
            **_columns(frames[index], origin_us=origin_us, step_us=step_us),
            "fixation_cluster": _owners(frames[index][:-1], places, plan),
        }
        for index, places in fixations.items()
        if index in frames
    }


def _owners(clusters: Sequence[GazexFrame], places: _Places, plan: GazexPlan) -> list[int | None]:
    """Say in which cluster each fixation rests."""
    if not clusters:
        return [None] * places[0].size
    maps = np.stack([frame.heatmap for frame in clusters])
    row, column = (
        np.clip((along // plan.scale).astype(np.int64), 0, size - 1)
        for along, size in zip(places[::-1], maps.shape[1:], strict=True)
    )
    values = maps[:, row, column]
    best = values.argmax(axis=0)
    warm = values.max(axis=0) > plan.box_level
    return [int(one) if holds else None for one, holds in zip(best, warm, strict=True)]


def _columns(frames: Sequence[GazexFrame], *, origin_us: int, step_us: float) -> dict[str, object]:
    *clusters, holistic = frames
    box = holistic.box_px or (None,) * 4
    centroid: dict[str, object] = {}
    if holistic.centroid_px is not None:
        centroid = dict(zip(("centroid_x_px", "centroid_y_px"), holistic.centroid_px, strict=True))
    return {
        "clusters": [_cluster(frame, origin_us=origin_us, step_us=step_us) for frame in clusters],
        "gaze_time_us": round(holistic.time_us) - origin_us,
        **{f"gaze_{name}": edge for name, edge in zip(_BOX, box, strict=True)},
        **centroid,
    }


def _cluster(frame: GazexFrame, *, origin_us: int, step_us: float) -> dict[str, object]:
    x, y = frame.centroid_px or (None, None)
    return {
        "order": frame.order,
        "onset_us": frame.onset_us - origin_us,
        "offset_us": frame.offset_us - origin_us,
        "time_us": round(frame.time_us) - origin_us,
        "duration_us": round(frame.n_samples * step_us),
        "n_fixations": None,
        "centroid_x_px": x,
        "centroid_y_px": y,
        **dict(zip(_BOX, frame.box_px or (None,) * 4, strict=True)),
    }
