"""Does gaze on a study of several images come to the image that was looked at?"""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from gazekit.build import BuildConfig, Running, Subject, build, erase, verify_dataset
from gazekit.build.config import AlignConfig
from gazekit.image import write_display_png
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.display import DisplayImage
from gazekit.model.records import (
    Event,
    FindingRecord,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    ViewState,
    Word,
)
from gazekit.model.schemas import schema_of
from gazekit.model.session import SessionWriter
from gazekit.model.viewport import Viewport
from gazekit.report.dataset import reading_views
from gazekit.report.replay import open_recording
from gazekit.report.rows import rows_where
from gazekit.synthetic import make_phantom
from gazekit.tasks.rows import readings_of

SCREEN = ScreenRecord(
    width_px=1000, height_px=800, width_mm=500.0, height_mm=400.0, distance_mm=650.0
)
AREA = (0.0, 0.0, 1000.0, 800.0)
ONSET_US, STEP_US, REST_US = 1_000_000, 4_000, 500_000
SIZES = ((128, 160), (200, 120), (96, 96))
"""Of the frontal view, the lateral, and a third that is shown and never looked at."""


class Look(NamedTuple):
    """Half a second at a place of an image, as shares of its width and height; None: beside it."""

    image: int
    x: float
    y: float


LOOKS = [
    *(Look(0, 0.3, 0.3), Look(0, 0.7, 0.3), Look(0, 0.7, 0.6), Look(0, 0.3, 0.6)),
    *(Look(1, 0.9, 0.2), Look(1, 0.2, 0.8), Look(1, 0.6, 0.5), Look(1, 0.3, 0.2)),
    *(Look(0, 0.5, 0.5), Look(1, 0.5, 0.5), Look(1, 0.8, 0.8), Look(2, 4.0, 0.5)),
]
"""The same screen point, before and after paging, in the tenth: only the image changes."""
SAID = (("Effusion", 0, 4), ("Nodule", 4, 8), ("Fracture", 8, 11))
"""A sentence of one word, and the looks while it was said: on the first, the second, on both."""


@pytest.fixture(scope="module")
def images() -> list[DisplayImage]:
    """Three images of one study, each of a size of its own."""
    found = []
    for seed, size in enumerate(SIZES):
        display = make_phantom(seed, size_px=size).display
        record = msgspec.structs.replace(display.record, patient_id="P1", study_id="S1")
        found.append(DisplayImage(record=record, pixels=display.pixels))
    return found


@pytest.fixture(scope="module")
def session(images: list[DisplayImage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record a reading of three images by R01, and one of another study by R02."""
    root = tmp_path_factory.mktemp("sessions")
    _record(root, "s1", "R01", images, LOOKS)
    other = make_phantom(9, size_px=(64, 64)).display
    record = msgspec.structs.replace(other.record, patient_id="P2")
    _record(root, "s2", "R02", [DisplayImage(record=record, pixels=other.pixels)], LOOKS[:4])
    return root


def _record(
    root: Path, name: str, reader: str, images: list[DisplayImage], looks: list[Look]
) -> None:
    toml = b'title = "t"\nversion = "1"\n[images]\nsynthetic = 3\n'
    record = SessionRecord(
        session_id=name,
        created_at="2026-01-01T00:00:00Z",
        protocol="t",
        protocol_sha256="0" * 64,
        seed=0,
        reader=ReaderRecord(reader_id=reader),
        screen=SCREEN,
        tracker=TrackerRecord(kind="test", rate_hz=250.0, simulated=True),
        software={},
        simulated=True,
    )
    writer = SessionWriter(root, record, toml)
    for image in images:
        write_display_png(writer.image(image.record), image)
    views = [Viewport.fit(image.record, AREA) for image in images]
    value: dict[str, str | int | float | bool | None] = {"reading_id": f"{name}-0"}
    first: dict[str, str | int | float | bool | None]
    first = {"image_id": images[0].record.image_id, "order": 0}
    writer.event(Event(time_us=ONSET_US, kind="reading_start", value=value | first))
    end_us = ONSET_US + len(looks) * REST_US
    writer.event(Event(time_us=end_us, kind="reading_end", value=value | {"outcome": "complete"}))
    shown = -1
    for place, look in enumerate(looks):
        if look.image != shown:
            writer.view(views[look.image].state(ONSET_US + place * REST_US))
            shown = look.image
    writer.view(ViewState(time_us=end_us))
    _say(writer, f"{name}-0", images)
    writer.samples(_gaze(views, looks))
    writer.close()


def _say(writer: SessionWriter, name: str, images: list[DisplayImage]) -> None:
    said = SAID if len(images) > 1 else SAID[:1]
    for index, (word, first, last) in enumerate(said):
        onset, offset = (ONSET_US + place * REST_US for place in (first, last))
        writer.word(
            Word(reading_id=name, index=index, text=f"{word}.", onset_us=onset, offset_us=offset)
        )
    labels = [("Pleural Effusion", None), ("Lung Lesion", 1), ("Pleural Effusion", 1)]
    for label, place in labels if len(images) > 1 else []:
        writer.finding(
            FindingRecord(
                reading_id=name,
                label=label,
                assertion="present",
                origin="simulated",
                shape="ellipse",
                x0_px=10.0,
                y0_px=10.0,
                x1_px=40.0,
                y1_px=40.0,
                image_id=None if place is None else images[place].record.image_id,
            )
        )


def _gaze(views: list[Viewport], looks: list[Look]) -> pa.RecordBatch:
    n = REST_US // STEP_US
    time = ONSET_US + np.arange(n * len(looks)) * STEP_US
    place = np.concatenate([np.tile(_on_screen(views, look), (n, 1)) for look in looks])
    columns = dict.fromkeys(("device_time_us", "system_time_us", "received_us"), time)
    for eye in ("left", "right"):
        columns |= {
            f"{eye}_gaze_x_norm": place[:, 0] / 1000,
            f"{eye}_gaze_y_norm": place[:, 1] / 800,
        }
    arrays = []
    for field in schema_of("raw_samples"):
        if field.type == pa.bool_():
            arrays.append(pa.array([field.name.endswith("gaze_valid")] * time.size))
        else:
            values = columns.get(field.name, np.full(time.size, np.nan))
            arrays.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of("raw_samples"))


def _on_screen(views: list[Viewport], look: Look) -> tuple[float, float]:
    width, height = SIZES[look.image]
    x, y = views[look.image].affine.apply(look.x * width, look.y * height)
    return min(float(x), 999.0), float(y)


@pytest.fixture(scope="module")
def dataset(session: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("built") / "dataset"
    config = BuildConfig(samples=True, align=AlignConfig(lead_s=0.0))
    result = build(session, out, config=config, running=Running(executor="serial"))
    assert result.excluded == ()
    assert verify_dataset(out) == []
    return open_dataset(out)


def _rows(dataset: Dataset, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = dataset.table(table).to_pylist()
    return [row for row in found if row.get("reading_id", "s1-0") == "s1-0"]


def test_each_fixation_is_on_the_image_and_at_the_place_that_was_looked_at(
    dataset: Dataset, images: list[DisplayImage]
) -> None:
    rows = _rows(dataset, "fixations")
    assert len(rows) == len(LOOKS)
    for row, look in zip(rows, LOOKS, strict=True):
        assert row["image_id"] == images[look.image].record.image_id
        if look.x <= 1:
            width, height = SIZES[look.image]
            assert row["x_px"] == pytest.approx(look.x * width, abs=0.5)
            assert row["y_px"] == pytest.approx(look.y * height, abs=0.5)
            assert row["shown"] == 1.0
        else:
            assert row["shown"] == 0.0


def test_all_images_of_the_study_are_listed_in_its_split(
    dataset: Dataset, images: list[DisplayImage]
) -> None:
    (reading,) = _rows(dataset, "readings")
    listed = {row["image_id"]: row for row in dataset.table("images").to_pylist()}
    for image in images:
        row = listed[image.record.image_id]
        assert row["split"] == reading["split"]
        assert (row["width_px"], row["height_px"]) == (
            image.record.width_px,
            image.record.height_px,
        )


def test_an_image_that_was_shown_and_never_fixated_is_played(
    dataset: Dataset, images: list[DisplayImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = images[2].record.image_id

    def without(source: Dataset, table: str, **wanted: Any) -> list[dict[str, Any]]:
        rows = rows_where(source, table, **wanted)
        return [row for row in rows if table != "fixations" or row["image_id"] != unseen]

    monkeypatch.setattr("gazekit.report.replay.from_dataset.rows_where", without)
    recording = open_recording(dataset.root, "s1-0")
    assert [one.image_id for one in recording.pictures] == [one.record.image_id for one in images]
    assert all(one.image < 2 for one in recording.fixations)
    assert recording.shown[-1].image == 2
    assert recording.samples is not None
    assert recording.samples.image[-1] == 2


def test_a_key_frame_is_on_the_image_that_most_of_its_gaze_lies_on(
    dataset: Dataset, images: list[DisplayImage]
) -> None:
    rows = _rows(dataset, "keyframes")
    ids = [image.record.image_id for image in images]
    assert [row["image_id"] for row in rows] == [ids[0], ids[1], ids[1]]
    assert [row["image_width_px"] for row in rows] == [SIZES[0][0], SIZES[1][0], SIZES[1][0]]
    assert [len(row["fixation_x_px"]) for row in rows] == [4, 4, 2]  # type: ignore[arg-type]
    assert [row["image_id"] for row in _rows(dataset, "sentences")] == [ids[0], ids[1], ids[1]]
    assert len({row["keyframe_id"] for row in rows}) == len(rows)


def test_findings_are_those_of_the_image(dataset: Dataset, images: list[DisplayImage]) -> None:
    effusion, nodule, _ = _rows(dataset, "keyframes")
    assert [f["label"] for f in effusion["findings"]] == ["Pleural Effusion"]  # type: ignore[attr-defined]
    assert [f["label"] for f in nodule["findings"]] == ["Lung Lesion"]  # type: ignore[attr-defined]
    (reading,) = _rows(dataset, "readings")
    ids = [image.record.image_id for image in images]
    assert reading["finding_image_id"] == [ids[0], ids[1], ids[1]]
    split = str(reading["split"])
    (shown,) = [rows for rows in readings_of(dataset, split) if rows.reading_id == "s1-0"]
    assert [f["label"] for f in shown.reading["findings"]] == ["Pleural Effusion"]
    assert [row["image_id"] for row in shown.keyframes] == [ids[0]]


def test_samples_bear_their_image(dataset: Dataset, images: list[DisplayImage]) -> None:
    rows = _rows(dataset, "samples")
    truth = np.repeat([look.image for look in LOOKS], REST_US // STEP_US)
    place = {image.record.image_id: number for number, image in enumerate(images)}
    found = np.array([place[str(row["image_id"])] for row in rows])
    assert (found == truth).all()
    off = np.array([row["off_image"] for row in rows])
    assert off[truth == 2].all()
    assert not off[truth < 2].any()


def test_the_report_shows_each_image_with_its_own_gaze(dataset: Dataset) -> None:
    views = reading_views(dataset, ["s1-0"])
    assert [len(view.fixations) for view in views] == [5, 6, 1]
    assert [view.image_size for view in views] == [tuple(map(float, size)) for size in SIZES]


def test_the_papers_preset_keeps_to_the_image(
    session: Path, images: list[DisplayImage], tmp_path: Path
) -> None:
    config = BuildConfig(align=AlignConfig(preset="gazex"))
    build(session / "ses-s1", tmp_path / "paper", config=config, running=Running(executor="serial"))
    rows = _rows(open_dataset(tmp_path / "paper"), "keyframes")
    assert verify_dataset(tmp_path / "paper") == []
    width, height = SIZES[1]
    nodule = next(row for row in rows if row["text"] == "Nodule.")
    assert nodule["image_id"] in {images[0].record.image_id, images[1].record.image_id}
    fracture = next(row for row in rows if row["text"] == "Fracture.")
    assert fracture["image_id"] == images[1].record.image_id
    assert 0 <= float(str(fracture["gaze_x0_px"])) < float(str(fracture["gaze_x1_px"])) <= width
    assert 0 <= float(str(fracture["gaze_y0_px"])) < float(str(fracture["gaze_y1_px"])) <= height


def test_an_erased_reader_takes_every_image_along(session: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    build(session, out, running=Running(executor="serial"))
    found = erase(out, Subject("reader", "R01"))
    assert found.rows["images"] == len(SIZES)
    assert open_dataset(out).count("images") == 1
    assert verify_dataset(out) == []


def test_the_trainer_takes_the_first_image_alone(dataset: Dataset) -> None:
    corpus = pytest.importorskip("trainer.corpus", reason="the trainer needs torch")
    (reading,) = _rows(dataset, "readings")
    samples = corpus.load_samples(dataset, str(reading["split"]))
    (sample,) = (s for s in samples if s.image_id == reading["image_id"])
    assert [s.fixations is not None for s in sample.sentences] == [True, False, False]
