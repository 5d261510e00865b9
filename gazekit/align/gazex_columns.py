"""What does the GazeX preset say of each key frame? Its clusters, its box, its times."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from gazekit.align.gazex import GazexFrame, GazexPlan, ImageSamples, gazex_frames
from gazekit.align.sentences import Sentence

__all__ = ["gazex_columns"]

_BOX = ("x0_px", "y0_px", "x1_px", "y1_px")


def gazex_columns(
    samples: ImageSamples,
    sentences: Sequence[Sentence],
    *,
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
    image_size
        (width, height) in pixels.
    origin_us
        The reading's onset.
    plan
        The paper's constants by default.

    Returns
    -------
    dict
        `clusters`, `gaze_time_us`, the observation box and its centroid. Clusters are there where
        more than one was found, as in the paper. Without a box the centroid is left out.
    """
    frames: dict[int, list[GazexFrame]] = defaultdict(list)
    for frame in gazex_frames(samples, sentences, image_size=image_size, plan=plan):
        frames[frame.sentence_index].append(frame)
    step_us = float(np.median(np.diff(samples.time_us))) if samples.time_us.size > 1 else 0.0
    return {
        index: _columns(found, origin_us=origin_us, step_us=step_us)
        for index, found in frames.items()
    }


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
