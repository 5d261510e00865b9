"""A tiny dataset, built in memory: bright spots on noise, what was said of them, and the gaze."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from gazekit.model.columns import HEATMAP_GRID, columns_of
from gazekit.model.dataset import DatasetInfo
from gazekit.model.files import sha256_bytes
from gazekit.model.layout import DatasetLayout
from gazekit.model.schemas import table_of
from gazekit.model.version import SCHEMA_VERSION

SIZE = (160, 200)  # width, height: portrait, so that the letterbox pads the sides
ZONES = {"upper left": (0.25, 0.25), "upper right": (0.75, 0.25), "lower": (0.5, 0.75)}
SPOT_PX = 24


def _row(table: str, **values: Any) -> dict[str, Any]:
    """Return a row with every column: what is not given is null, or the zero of its type."""
    empty = {"string": "", "bool": False, "list": [], "fixed_size_list": [0] * HEATMAP_GRID**2}
    row: dict[str, Any] = {}
    for column in columns_of(table):
        kind = str(column.type).split("<")[0].split("[")[0]
        row[column.name] = None if column.nullable else empty.get(kind, 0)
    assert values.keys() <= row.keys()
    return row | values


def _reading(index: int, split: str, random: np.random.Generator) -> dict[str, Any]:
    zone = list(ZONES)[random.integers(len(ZONES))]
    x = ZONES[zone][0] * SIZE[0] + random.uniform(-12, 12)
    y = ZONES[zone][1] * SIZE[1] + random.uniform(-12, 12)
    pixels = random.integers(40, 80, (SIZE[1], SIZE[0])).astype(np.uint8)
    columns, rows = np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5
    spot = (np.abs(columns - x) < SPOT_PX / 2) & (np.abs(rows - y) < SPOT_PX / 2)[:, None]
    pixels[spot] = 230
    ids = {
        "reading_id": f"r{index:03d}",
        "image_id": f"img-{index:03d}",
        "reader_id": "R01",
        "patient_id": f"p{index:03d}",
        "split": split,
    }
    half = SPOT_PX / 2
    finding: dict[str, Any] = {
        "label": "Lung Lesion",
        "assertion": "present",
        "origin": "simulated",
    }
    finding |= {"certainty": None, "shape": "box"}
    finding |= {"x0_px": x - half, "y0_px": y - half, "x1_px": x + half, "y1_px": y + half}
    png = BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    image: dict[str, Any] = {key: ids[key] for key in ("image_id", "patient_id", "split")}
    image |= {"width_px": SIZE[0], "height_px": SIZE[1]}
    image |= {"image": {"bytes": png.getvalue(), "path": f"{index}.png"}}
    spoken = [
        ("the airway is midline.", [], None),
        (f"there is a nodule in the {zone} zone.", ["Lung Lesion"], (x, y)),
        ("no effusion.", [], (80.0, 180.0)),
    ]
    return {"ids": ids, "finding": finding, "image": image, "spoken": spoken}


def _box_of(at: tuple[float, float], *, half: float, prefix: str = "") -> dict[str, float]:
    corner = {"x0": at[0] - half, "y0": at[1] - half, "x1": at[0] + half, "y1": at[1] + half}
    return {f"{prefix}{name}_px": value for name, value in corner.items()}


def _cluster(order: int, at: tuple[float, float]) -> dict[str, Any]:
    times = dict.fromkeys(("onset_us", "offset_us", "time_us", "duration_us"), order * 300_000)
    place = {"centroid_x_px": at[0], "centroid_y_px": at[1], **_box_of(at, half=6.0)}
    return {"order": order, "n_fixations": 1, **times, **place}


def _keyframe(reading: dict[str, Any], place: int, random: np.random.Generator) -> dict[str, Any]:
    text, labels, at = reading["spoken"][place]
    key = f"{reading['ids']['reading_id']}/{place}"
    count = 3
    return _row(
        "keyframes",
        **reading["ids"],
        keyframe_id=key,
        sentence_id=key,
        sentence_index=place,
        text=text,
        labels=labels,
        image_width_px=SIZE[0],
        image_height_px=SIZE[1],
        fixation_x_px=list(at[0] + random.normal(0, 3, count)),
        fixation_y_px=list(at[1] + random.normal(0, 3, count)),
        fixation_onset_us=[0, 300_000, 600_000],
        fixation_duration_us=[250_000] * count,
        fixation_sigma_x_px=[8.0] * count,
        fixation_sigma_y_px=[8.0] * count,
        fixation_cluster=list(range(count)),
        clusters=[_cluster(order, at) for order in range(count)],
        **_box_of(at, half=10.0, prefix="gaze_"),
        centroid_x_px=at[0],
        centroid_y_px=at[1],
        findings=[reading["finding"]] if labels else [],
    )


def _tables(readings: list[dict[str, Any]], random: np.random.Generator) -> dict[str, list[Any]]:
    return {
        "readings": [
            _row(
                "readings",
                **reading["ids"],
                outcome="complete",
                simulated=True,
                findings=[reading["finding"]],
            )
            for reading in readings
        ],
        "sentences": [
            _row(
                "sentences",
                **reading["ids"],
                sentence_id=f"{reading['ids']['reading_id']}/{place}",
                sentence_index=place,
                text=text,
                labels=labels,
                step="AB"[place > 0],
            )
            for reading in readings
            for place, (text, labels, _) in enumerate(reading["spoken"])
        ],
        "keyframes": [
            _keyframe(reading, place, random)
            for reading in readings
            for place, (_, _, at) in enumerate(reading["spoken"])
            if at is not None
        ],
    }


def _by(reader: int, reading: dict[str, Any]) -> dict[str, Any]:
    """Return the reading of the same image by another reader, who says the same."""
    ids = reading["ids"]
    other = {"reading_id": f"{ids['reading_id']}-{reader}", "reader_id": f"R{reader + 1:02d}"}
    return reading | {"ids": ids | (other if reader else {})}


def _write(root: Path, splits: dict[str, int], seed: int, readers: int) -> Path:
    layout, random = DatasetLayout(root), np.random.default_rng(seed)
    counts: dict[str, dict[str, int]] = {}
    index = 0
    for split, count in splits.items():
        readings = [_reading(index + i, split, random) for i in range(count)]
        index += count
        read = [_by(reader, reading) for reading in readings for reader in range(readers)]
        images = {"images": [_row("images", **reading["image"]) for reading in readings]}
        for table, rows in (images | _tables(read, random)).items():
            path = layout.shard(table, split, 0, 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table_of(table, rows), path)
            counts.setdefault(table, {})[split] = len(rows)
    info = DatasetInfo(
        name="tiny",
        schema_version=SCHEMA_VERSION,
        created_at="2026-01-01T00:00:00Z",
        software={},
        config={},
        counts=counts,
        exclusions=0,
        simulated=True,
        fingerprint=sha256_bytes(str(seed).encode()),
    )
    layout.meta.mkdir(parents=True)
    layout.info.write_bytes(msgspec.json.encode(info))
    return root


@pytest.fixture(scope="session")
def make_dataset(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that writes a tiny dataset: images by split, a seed, readers of each."""

    def make(splits: dict[str, int], *, seed: int = 1, readers: int = 1) -> Path:
        return _write(tmp_path_factory.mktemp("data") / "tiny", splits, seed, readers)

    return make


@pytest.fixture(scope="session")
def tiny_dataset(make_dataset: Callable[..., Path]) -> Path:
    return make_dataset({"train": 24, "validation": 8, "test": 8})
