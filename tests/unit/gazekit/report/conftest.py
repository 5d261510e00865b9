"""A small dataset made by hand, through the schemas, and a reader of pages."""

import io
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.dataset import DatasetInfo
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import DATASET_TABLES, DatasetLayout
from gazekit.model.schemas import table_of
from gazekit.model.version import SCHEMA_VERSION
from gazekit.model.vocabulary import ABCDEF

WIDTH, HEIGHT = 1280, 1024
SENTENCES: tuple[tuple[str, str, list[str]], ...] = (
    ("The trachea is midline.", "A", []),
    ("There is an opacity in the right lower lobe.", "B", ["Lung Opacity"]),
    ("The heart is not enlarged.", "C", []),
)
FINDING = {
    "label": "Lung Opacity",
    "assertion": "present",
    "origin": "simulated",
    "certainty": None,
    "shape": "box",
    "x0_px": 300.0,
    "y0_px": 600.0,
    "x1_px": 520.0,
    "y1_px": 820.0,
}


class PageText(HTMLParser):
    """What a page holds: tags with attributes, the text that is read, unclosed tags."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture
def page_text() -> type[PageText]:
    return PageText


def _picture(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:256, 0:320]
    lungs = np.exp(-(((columns - 100) / 60) ** 2) - ((rows - 130) / 90) ** 2)
    lungs += np.exp(-(((columns - 220) / 60) ** 2) - ((rows - 130) / 90) ** 2)
    grey = np.clip(190 - 150 * lungs + rng.normal(0, 4, lungs.shape), 0, 255).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(grey).save(data, "PNG")
    return data.getvalue()


def _ids(index: int) -> dict[str, Any]:
    return {
        "reading_id": f"ses-a-{index:03d}",
        "image_id": f"img-{index:016x}",
        "reader_id": f"R{index % 2 + 1:02d}",
        "patient_id": f"P{index:04d}",
        "split": ("train", "train", "validation", "test")[index % 4],
    }


def _fixations(index: int, count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(index)
    return [
        {
            **_ids(index),
            "fixation_index": k,
            "fixation_id": f"ses-a-{index:03d}/{k}",
            "onset_us": 300_000 * k,
            "offset_us": 300_000 * k + 250_000,
            "duration_us": 250_000,
            "x_px": float(rng.uniform(100, WIDTH - 100)),
            "y_px": float(rng.uniform(100, HEIGHT - 100)),
            "screen_x_px": 900.0,
            "screen_y_px": 500.0,
            "sigma_x_px": 45.0,
            "sigma_y_px": 45.0,
            "dispersion_deg": 0.2,
            "shown": 1.0,
            "view_index": 0,
        }
        for k in range(count)
    ]


def _sentence(index: int, k: int, text: str) -> dict[str, Any]:
    _, step, labels = SENTENCES[k]
    return {
        "sentence_id": f"ses-a-{index:03d}/{k}",
        **_ids(index),
        "sentence_index": k,
        "words": [],
        "n_fixations": 4,
        "text": text,
        "step": step,
        "labels": labels,
        "onset_us": 1_000_000 * k,
        "offset_us": 1_000_000 * k + 900_000,
    }


def _keyframe(sentence: dict[str, Any], fixations: list[dict[str, Any]]) -> dict[str, Any]:
    share = len(fixations) // len(SENTENCES)
    mine = fixations[sentence["sentence_index"] * share :][:share]
    return {
        "keyframe_id": sentence["sentence_id"],
        **{k: v for k, v in sentence.items() if k not in {"words", "n_fixations"}},
        "gaze_x0_px": 200.0,
        "gaze_y0_px": 200.0,
        "gaze_x1_px": 500.0,
        "gaze_y1_px": 600.0,
        "window_onset_us": 0,
        "window_offset_us": sentence["offset_us"],
        "image_width_px": WIDTH,
        "image_height_px": HEIGHT,
        "fixation_x_px": [f["x_px"] for f in mine],
        "fixation_y_px": [f["y_px"] for f in mine],
        "fixation_onset_us": [f["onset_us"] for f in mine],
        "fixation_duration_us": [f["duration_us"] for f in mine],
        "fixation_sigma_x_px": [45.0 for _ in mine],
        "fixation_sigma_y_px": [45.0 for _ in mine],
        "heatmap": [0] * HEATMAP_GRID**2,
        "centroid_x_px": 400.0,
        "centroid_y_px": 400.0,
        "findings": [FINDING] if sentence["labels"] else [],
    }


def _reading(index: int, fixations: int) -> dict[str, Any]:
    return {
        **_ids(index),
        "study_id": None,
        "session_id": "a",
        "source": "session",
        "order": index,
        "outcome": "complete",
        "simulated": True,
        "origin_us": 0,
        "duration_us": 12_000_000,
        "report": " ".join(text for text, *_ in SENTENCES),
        "findings": [FINDING],
        "n_samples": 7200,
        "n_fixations": fixations,
        "n_sentences": 3,
        "n_keyframes": 3,
        "rate_hz": 600.0,
        "data_loss": 0.4 if index == 1 else 0.02,
        "largest_gap_us": 120_000,
        "rms_s2s_deg": 0.05,
        "accuracy_deg": None if index == 2 else 0.4,
        "screen_width_px": 1920,
        "screen_height_px": 1080,
        "screen_width_mm": 531.0,
        "screen_height_mm": 299.0,
        "distance_mm": 650.0,
    }


def _image(index: int) -> dict[str, Any]:
    ids = _ids(index)
    return {
        "image_id": ids["image_id"],
        "patient_id": ids["patient_id"],
        "study_id": None,
        "split": ids["split"],
        "width_px": WIDTH,
        "height_px": HEIGHT,
        "sha256": f"{index:064x}",
        "photometric": "MONOCHROME2",
        "bits_stored": 12,
        "window_low": 0.0,
        "window_high": 4095.0,
        "window_source": "full range",
        "modality": "DX",
        "view_position": "PA",
        "row_spacing_mm": None,
        "column_spacing_mm": None,
        "image": {"bytes": _picture(index), "path": f"{ids['image_id']}.png"},
    }


def _write(layout: DatasetLayout, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {}
    for name in DATASET_TABLES:
        for split in ("train", "validation", "test"):
            mine = [row for row in rows[name] if row["split"] == split]
            if mine:
                path = layout.shard(name, split, 0, 1)
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(table_of(name, mine), path, row_group_size=4)
                counts.setdefault(name, {})[split] = len(mine)
    return counts


def _rows(readings: int, fixations: int, text: str | None) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in DATASET_TABLES}
    for index in range(readings):
        mine = _fixations(index, fixations)
        said = [_sentence(index, k, text or s[0]) for k, s in enumerate(SENTENCES)]
        rows["fixations"] += mine
        rows["sentences"] += said
        rows["keyframes"] += [_keyframe(sentence, mine) for sentence in said]
        rows["readings"].append(_reading(index, fixations))
        rows["images"].append(_image(index))
    return rows


@pytest.fixture
def make_dataset(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a dataset of so many readings and returns its folder."""

    def make(*, readings: int = 4, fixations: int = 12, text: str | None = None) -> Path:
        layout = DatasetLayout(tmp_path / "made")
        counts = _write(layout, _rows(readings, fixations, text))
        left_out = [
            {
                "unit": "sentence",
                "unit_id": "ses-a-000/9",
                "reason": "no_gaze",
                "detail": text or "no fixation in the window",
            }
        ]
        layout.meta.mkdir()
        pq.write_table(table_of("exclusions", left_out), layout.exclusions)
        info = DatasetInfo(
            name=layout.root.name,
            schema_version=SCHEMA_VERSION,
            created_at="2026-01-01T00:00:00Z",
            software={"gazekit": "0.1.0"},
            config={},
            counts=counts,
            exclusions=1,
            simulated=True,
            fingerprint="f" * 64,
            steps=dict(ABCDEF),
        )
        write_json(layout.info, info)
        write_checksums(layout.root)
        return layout.root

    return make
