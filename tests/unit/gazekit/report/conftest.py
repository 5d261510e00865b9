"""A small dataset made by hand, through the schemas, and a reader of pages."""

import io
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from gazekit.image import write_display_png
from gazekit.model.columns import HEATMAP_GRID, columns_of
from gazekit.model.dataset import DatasetInfo
from gazekit.model.display import DisplayImage
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import DATASET_TABLES, DatasetLayout
from gazekit.model.records import (
    CalibrationRecord,
    Event,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    ValidationPoint,
    Word,
)
from gazekit.model.schemas import schema_of, table_of
from gazekit.model.session import SessionWriter
from gazekit.model.version import SCHEMA_VERSION
from gazekit.model.viewport import Viewport
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


def _row(table: str, **given: Any) -> dict[str, Any]:
    """Fill the columns that no test looks at: null where allowed, else the least of the type."""
    least = {"string": "", "bool": True, "float": 1.0, "double": 1.0}
    row = {
        c.name: least.get(str(c.type), [] if pa.types.is_nested(c.type) else 0)
        for c in columns_of(table)
    }
    row.update({c.name: None for c in columns_of(table) if c.nullable})
    assert given.keys() <= row.keys()
    return row | given


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
        _row(
            "fixations",
            **_ids(index),
            fixation_id=f"ses-a-{index:03d}/{k}",
            fixation_index=k,
            onset_us=300_000 * k,
            offset_us=300_000 * k + 250_000,
            duration_us=250_000,
            x_px=float(rng.uniform(100, WIDTH - 100)),
            y_px=float(rng.uniform(100, HEIGHT - 100)),
            sigma_x_px=45.0,
            sigma_y_px=45.0,
        )
        for k in range(count)
    ]


def _sentence(index: int, k: int, text: str) -> dict[str, Any]:
    _, step, labels = SENTENCES[k]
    return _row(
        "sentences",
        sentence_id=f"ses-a-{index:03d}/{k}",
        **_ids(index),
        sentence_index=k,
        text=text,
        step=step,
        labels=labels,
        onset_us=1_000_000 * k,
        offset_us=1_000_000 * k + 900_000,
    )


def _keyframe(sentence: dict[str, Any], fixations: list[dict[str, Any]]) -> dict[str, Any]:
    share = len(fixations) // len(SENTENCES)
    mine = fixations[sentence["sentence_index"] * share :][:share]
    return _row(
        "keyframes",
        **{k: v for k, v in sentence.items() if k not in {"words", "n_fixations"}},
        keyframe_id=sentence["sentence_id"],
        gaze_x0_px=200.0,
        gaze_y0_px=200.0,
        gaze_x1_px=500.0,
        gaze_y1_px=600.0,
        image_width_px=WIDTH,
        image_height_px=HEIGHT,
        fixation_x_px=[f["x_px"] for f in mine],
        fixation_y_px=[f["y_px"] for f in mine],
        fixation_onset_us=[f["onset_us"] for f in mine],
        fixation_duration_us=[f["duration_us"] for f in mine],
        fixation_sigma_x_px=[45.0 for _ in mine],
        fixation_sigma_y_px=[45.0 for _ in mine],
        heatmap=[0] * HEATMAP_GRID**2,
        findings=[FINDING] if sentence["labels"] else [],
    )


def _reading(index: int, fixations: int) -> dict[str, Any]:
    return _row(
        "readings",
        **_ids(index),
        source="session",
        outcome="complete",
        duration_us=12_000_000,
        report=" ".join(text for text, *_ in SENTENCES),
        findings=[FINDING],
        n_fixations=fixations,
        n_sentences=3,
        n_keyframes=3,
        rate_hz=600.0,
        data_loss=0.4 if index == 1 else 0.02,
        largest_gap_us=120_000,
        rms_s2s_deg=0.05,
        accuracy_deg=None if index == 2 else 0.4,
    )


def _image(index: int) -> dict[str, Any]:
    ids = {k: v for k, v in _ids(index).items() if k not in {"reading_id", "reader_id"}}
    return _row(
        "images",
        **ids,
        width_px=WIDTH,
        height_px=HEIGHT,
        photometric="MONOCHROME2",
        image={"bytes": _picture(index), "path": f"{ids['image_id']}.png"},
    )


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


def _samples(start_us: int, count: int, *, rate_hz: int = 300) -> pa.RecordBatch:
    rng = np.random.default_rng(start_us)
    step = np.arange(count) * (1_000_000 // rate_hz)
    valid = rng.random(count) > 0.05
    valid[count // 2 : count // 2 + rate_hz // 5] = False
    columns: dict[str, Any] = {}
    for column in columns_of("raw_samples"):
        kind = column.type.to_pandas_dtype()
        columns[column.name] = np.ones(count, kind)
    columns["system_time_us"] = start_us + step
    columns["device_time_us"] = start_us + step + 77_000_000
    columns["received_us"] = start_us + step + 3_000
    wander = np.cumsum(rng.normal(0, 0.004, (2, count)), axis=1)
    for eye in ("left", "right"):
        columns[f"{eye}_gaze_x_norm"] = np.clip(0.5 + wander[0], 0.2, 0.8)
        columns[f"{eye}_gaze_y_norm"] = np.clip(0.5 + wander[1], 0.1, 0.9)
        columns[f"{eye}_gaze_valid"] = valid
    return pa.record_batch(columns, schema=schema_of("raw_samples"))


def _validation(*, attempt: int, error_deg: float, accepted: bool) -> CalibrationRecord:
    places = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))
    points = tuple(
        ValidationPoint(
            x_norm=x,
            y_norm=y,
            eye=eye,
            accuracy_deg=None if (x, eye) == (0.1, "right") and not accepted else error_deg,
            rms_s2s_deg=0.05,
            std_deg=0.1,
            data_loss=0.01,
        )
        for x, y in places
        for eye in ("left", "right")
    )
    return CalibrationRecord(
        time_us=10_000_000 + attempt,
        kind="validation",
        attempt=attempt,
        accepted=accepted,
        points=points,
        accuracy_deg=error_deg,
        rms_s2s_deg=0.05,
        data_loss=0.01,
        reason=None if accepted else "accuracy",
    )


def _record_reading(writer: SessionWriter, image: DisplayImage, start_us: int, text: str) -> None:
    name = f"a-{start_us}"
    shown = image.record.image_id
    writer.event(
        Event(
            time_us=start_us,
            kind="reading_start",
            value={"reading_id": name, "image_id": shown, "order": 0},
        )
    )
    view = Viewport.fit(image.record, (0.0, 0.0, 1920.0, 1080.0))
    writer.view(view.state(start_us, reading_id=name, cause="show"))
    writer.view(
        view.zoomed_about(900, 500, 2.0).state(start_us + 2_000_000, reading_id=name, cause="zoom")
    )
    writer.samples(_samples(start_us, 1500))
    for index, word in enumerate(text.split()):
        writer.word(Word(reading_id=name, index=index, text=word, onset_us=start_us))
    writer.event(
        Event(
            time_us=start_us + 5_000_000,
            kind="reading_end",
            value={"reading_id": name, "outcome": "complete"},
        )
    )


@pytest.fixture
def make_session(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that records a session of two readings by hand and returns its folder."""

    def make(*, text: str = "The heart is not enlarged .") -> Path:
        record = SessionRecord(
            session_id="a",
            created_at="2026-01-01T00:00:00Z",
            protocol="p",
            protocol_sha256="0" * 64,
            seed=1,
            reader=ReaderRecord(reader_id="R01"),
            screen=ScreenRecord(
                width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
            ),
            tracker=TrackerRecord(kind="simulated", rate_hz=300.0, simulated=True),
            software={"gazekit": "0.1.0"},
            simulated=True,
        )
        protocol = b'title = "p"\nversion = "1"\n[images]\nsynthetic = 1\n'
        writer = SessionWriter(tmp_path, record, protocol)
        pixels = np.random.default_rng(1).integers(0, 4096, (256, 320)).astype(np.uint16)
        image = DisplayImage.of(
            pixels,
            (0.0, 4095.0),
            window_source="full",
            photometric="MONOCHROME2",
            bits_stored=12,
        )
        write_display_png(writer.image(image.record), image)
        writer.calibration(_validation(attempt=1, error_deg=1.9, accepted=False))
        writer.calibration(_validation(attempt=2, error_deg=0.4, accepted=True))
        times = np.arange(20) * 500_000 + 10_000_000
        pairs = {
            "request_us": times,
            "device_us": times + 77_000_050,
            "response_us": times + 100,
        }
        writer.clock(pa.record_batch(pairs, schema=schema_of("clock")))
        _record_reading(writer, image, 11_000_000, text)
        _record_reading(writer, image, 17_000_000, text)
        return writer.close()

    return make
