"""A simulated study: sound sessions, truth that fits them, resumable, the same every time."""

import csv
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from gazekit.image import DisplayImage, read_display_png, read_image, write_display_png
from gazekit.model.errors import UsageError
from gazekit.model.files import verify_checksums
from gazekit.model.layout import SessionLayout, StudyLayout
from gazekit.model.session import (
    read_calibrations,
    read_images,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)
from gazekit.synthetic import StudyPlan, write_study

PLAN = StudyPlan(
    readings=5, seed=9, readings_per_session=2, image_px=(64, 80), rate_hz=60.0, readers=2
)
WRITE = partial(write_display_png, durable=False)


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyLayout:
    root = tmp_path_factory.mktemp("study") / "out"
    record = write_study(root, PLAN, write_png=WRITE)
    assert record.complete
    return StudyLayout(root)


@pytest.fixture
def copy(study: StudyLayout, tmp_path: Path) -> StudyLayout:
    shutil.copytree(study.root, tmp_path / "out")
    return StudyLayout(tmp_path / "out")


def sessions(layout: StudyLayout) -> list[Path]:
    return sorted(layout.sessions.iterdir())


def truth(layout: StudyLayout, name: str) -> pd.DataFrame:
    table: pd.DataFrame = pq.read_table(layout.truth_table(name)).to_pandas()
    return table


def test_every_session_is_closed_sound_and_stamped_simulated(study: StudyLayout) -> None:
    assert len(sessions(study)) == 3
    for root in sessions(study):
        record = read_session_record(root)
        assert record.closed
        assert record.simulated
        assert record.tracker.simulated
        assert verify_checksums(root) == []
        assert [r.outcome for r in readings_of(root)] == ["complete"] * len(readings_of(root))
        assert read_calibrations(root)[0].accepted
    assert {read_session_record(root).reader.reader_id for root in sessions(study)} == {
        "R01",
        "R02",
    }


def test_the_listed_images_are_the_ones_that_were_shown(study: StudyLayout) -> None:
    shown = {}
    for root in sessions(study):
        for record in read_images(root):
            shown[record.image_id] = read_display_png(
                SessionLayout(root).image(record.image_id), record
            )
    with study.image_list.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(shown) == PLAN.readings
    kinds = set()
    for row in rows:
        image = read_image(
            study.images / row["file"], patient_id=row["patient"], study_id=row["study"]
        )
        same = shown[image.record.image_id]
        np.testing.assert_array_equal(image.pixels, same.pixels)
        assert image.record.patient_id == same.record.patient_id
        kinds.add(image.record.photometric)
    assert kinds == {"MONOCHROME1", "MONOCHROME2"}
    assert len({row["patient"] for row in rows}) < len(rows) + 1


def test_truth_and_sessions_tell_the_same_story(study: StudyLayout) -> None:
    words, fixations = truth(study, "words"), truth(study, "fixations")
    for root in sessions(study):
        written = read_words(root)
        for reading in readings_of(root):
            own = [w for w in written if w.reading_id == reading.reading_id]
            true = words[words.reading_id == reading.reading_id]
            assert [w.text for w in own] == true.text.tolist()
            assert [w.onset_us for w in own] == true.session_onset_us.tolist()
            looked = fixations[fixations.reading_id == reading.reading_id]
            assert (looked.session_onset_us - looked.onset_us == reading.onset_us).all()
            assert looked.session_onset_us.min() >= reading.onset_us
            assert looked.session_offset_us.max() <= reading.offset_us
        times = [state.time_us for state in read_view_states(root)]
        assert times == sorted(times)


def test_the_study_says_that_it_is_simulated(study: StudyLayout) -> None:
    assert msgspec.json.decode(study.study.read_bytes())["simulated"] is True
    assert not study.parts.exists()


def test_same_plan_same_bytes_whatever_the_workers(study: StudyLayout, tmp_path: Path) -> None:
    write_study(tmp_path / "again", PLAN, write_png=WRITE, workers=2)
    assert files_of(tmp_path / "again") == files_of(study.root)


def test_a_finished_study_is_left_alone(copy: StudyLayout) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")}
    done: list[int] = []
    write_study(copy.root, PLAN, write_png=WRITE, tick=done.append)
    assert {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")} == before
    assert sum(done) == PLAN.readings


def test_a_study_cut_in_the_middle_goes_on_from_its_finished_sessions(
    study: StudyLayout, tmp_path: Path
) -> None:
    class CutError(Exception):
        pass

    written = []

    def cut(path: Path, image: DisplayImage) -> None:
        written.append(path)
        if len(written) == 4:
            raise CutError
        write_display_png(path, image)

    root = tmp_path / "out"
    with pytest.raises(CutError):
        write_study(root, PLAN, write_png=cut)
    kept = SessionLayout(sessions(StudyLayout(root))[0]).session.stat().st_mtime_ns
    half = SessionLayout(sessions(StudyLayout(root))[1])
    assert not read_session_record(half.root).closed
    write_study(root, PLAN, write_png=WRITE)
    assert SessionLayout(sessions(StudyLayout(root))[0]).session.stat().st_mtime_ns == kept
    assert files_of(root) == files_of(study.root)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"seed": 10}, "seed=9"),
        ({"readings": 6}, "readings=5"),
        ({"image_px": (80, 100)}, "image_px"),
    ],
)
def test_another_study_in_the_folder_is_refused_in_one_line(
    study: StudyLayout, change: Any, found: str
) -> None:
    with pytest.raises(UsageError, match=found) as caught:
        write_study(study.root, msgspec.structs.replace(PLAN, **change), write_png=WRITE)
    assert "\n" not in str(caught.value)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        write_study(tmp_path, PLAN, write_png=WRITE)


@pytest.mark.parametrize("change", [{"readings": 0}, {"seed": -1}, {"image_px": (4, 80)}])
def test_impossible_plans_are_refused_before_anything_is_written(
    tmp_path: Path, change: Any
) -> None:
    with pytest.raises(UsageError, match="out of range"):
        write_study(tmp_path / "out", msgspec.structs.replace(PLAN, **change), write_png=WRITE)
    assert not (tmp_path / "out").exists()


def test_png_study_keeps_the_same_pixels(tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, readings=1, image_format="png")
    write_study(tmp_path / "out", plan, write_png=WRITE)
    layout = StudyLayout(tmp_path / "out")
    images = truth(layout, "images")
    assert images.photometric.tolist() == ["MONOCHROME2"]
    picture = read_image(layout.image(images.image_id[0], "png"))
    assert picture.record.image_id == images.image_id[0]
