"""Which held-out sentences went best and worst, and how did they look?"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from gazekit.metrics import nss
from gazekit.model.dataset import Dataset
from gazekit.report import (
    Box,
    LegendItem,
    Section,
    heatmap_overlay,
    image_figure,
    legend,
    note,
    section,
    strip,
    thumbnail,
)
from gazekit.report.rows import rows_where
from trainer.corpus import Sentence
from trainer.region import region_of
from trainer.score_evidence import overlap_of
from trainer.scored import Case, Scored
from trainer.square import Square

__all__ = ["gallery_sections"]

_SHOWN = 6
_MAP_PX = 320
_LEGEND = (
    LegendItem("heat", "attention of the sentence's words"),
    LegendItem("predicted", "region of the map"),
    LegendItem("finding", "true box"),
)


@dataclass(frozen=True)
class _Example:
    case: Case
    index: int
    score: float

    @property
    def sentence(self) -> Sentence:
        return self.case.item.sample.sentences[self.index]


def gallery_sections(scored: Scored, dataset: Dataset, split: str) -> list[Section]:
    """Show the sentences with the highest and the lowest score, each of another reading.

    The score is the overlap of region and true box; NSS where the dataset has no boxes.
    """
    placed = any(s.boxes for case in scored.cases for s in case.item.sample.sentences)
    examples = sorted(_examples(scored, placed=placed), key=lambda one: -one.score)
    name = "overlap with the true box" if placed else "NSS at the reader's fixations"
    if not examples:
        return [section("Best and worst", note("No sentence has a true box or gaze."))]
    best, worst = _one_a_reading(examples), _one_a_reading(examples[::-1])
    ids = {example.case.item.sample.image_id for example in best + worst}
    columns = ["image_id", "image"]
    rows = rows_where(dataset, "images", key="image_id", values=ids, columns=columns)
    pictures = {row["image_id"]: _pixels(row["image"]["bytes"]) for row in rows if row["image"]}
    return [
        section(
            title,
            legend(_LEGEND),
            strip(
                [_shown(e, pictures, scored.renderer.size_px, name) for e in chosen],
                label=title,
            ),
            intro=f"By {name}, one sentence a reading, of the {split} split.",
        )
        for title, chosen in (("Best cases", best), ("Worst cases", worst))
    ]


def _examples(scored: Scored, *, placed: bool) -> list[_Example]:
    found = []
    for case in scored.cases:
        square = scored.renderer.square(case.item.sample)
        for index, sentence in enumerate(case.item.sample.sentences):
            heatmap = case.maps[index]
            if not heatmap.any():
                continue
            value = None
            if placed and sentence.boxes:
                value = overlap_of(region_of(heatmap, square), sentence)
            elif not placed and sentence.fixations is not None:
                at = sentence.fixations
                value = nss(heatmap, *square.to_cells(at.x_px, at.y_px, grid=len(heatmap)))
            if value is not None:
                found.append(_Example(case, index, value))
    return found


def _one_a_reading(examples: Sequence[_Example]) -> list[_Example]:
    chosen: dict[str, _Example] = {}
    for example in examples:
        chosen.setdefault(example.case.item.sample.reading_id, example)
        if len(chosen) == _SHOWN:
            break
    return list(chosen.values())


def _shown(
    example: _Example, pictures: dict[str, NDArray[np.uint8]], size_px: int, name: str
) -> Markup:
    sample, sentence = example.case.item.sample, example.sentence
    square = Square(sample.image_size, size_px)
    heatmap = example.case.maps[example.index]
    region = region_of(heatmap, square)
    boxes = [Box(*box[1:], kind="finding", label=box[0]) for box in sentence.boxes]
    boxes.append(Box(*region.box, kind="predicted", label="region"))
    pixels = pictures.get(sample.image_id)
    if pixels is None:
        return note(f"The dataset holds no picture of {sample.image_id}.")
    laid = heatmap_overlay(
        thumbnail(pixels, max_px=_MAP_PX), square.drawn(heatmap, longest_px=_MAP_PX)
    )
    return image_figure(
        laid,
        alt=f"{sample.reading_id}: {sentence.text}",
        caption=f"{sentence.text} ({name}: {example.score:.2f}) The model wrote: "
        f"{example.case.report}",
        image_size=sample.image_size,
        boxes=boxes,
        max_px=_MAP_PX,
    )


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("L"))
