"""Do the invented scanpaths come out at the place and time that their format means?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.model.records import Event
from gazekit.read import Catalogue, ReadingInput
from gazekit.read.gazesearch import gazesearch_sources, is_gazesearch

NAME = "00000000-11111111-22222222-33333333-44444444.jpg"
RECORD: dict[str, Any] = {
    "name": NAME,
    "subject": 1,
    "task": "lung opacity",
    "condition": "present",
    "X": [112, 60, 71],
    "Y": [112, 140, 150],
    "T": [0.21, 0.443, 0.9],
    "length": 3,
    "split": "valid",
}


def _open(path: Path, images: Path | None) -> tuple[list[ReadingInput], Catalogue]:
    (source,) = gazesearch_sources(path, images=images, pseudonyms=PassingPseudonyms())
    catalogue = source.catalogue()
    names = [reading.reading_id for reading in catalogue.readings]
    return list(source.load(names, catalogue)) if names else [], catalogue


def _write(folder: Path, **changed: object) -> Path:
    path = folder / "scanpaths.json"
    path.write_text(json.dumps([{**RECORD, **changed}]), "utf-8")
    return path


def test_the_gaze_is_taken_and_the_predictions_beside_it_are_not(formats: Path) -> None:
    folder = formats / "gazesearch"
    assert is_gazesearch(folder)
    assert len(gazesearch_sources(folder, pseudonyms=PassingPseudonyms())) == 1
    assert not is_gazesearch(formats / "tobii_sdk")


def test_places_are_pixel_centres_of_the_squashed_image(formats: Path, images: Path) -> None:
    (reading,), catalogue = _open(formats / "gazesearch", images)
    given = reading.fixations
    assert given is not None
    assert given.column("x_px").to_pylist() == pytest.approx(
        [(x + 0.5) * 2540 / 224 for x in (112, 60, 71)]
    )
    assert given.column("y_px").to_pylist() == pytest.approx(
        [(y + 0.5) * 3050 / 224 for y in (112, 140, 150)]
    )
    assert given.column("onset_us").to_pylist() == [0, 210_000, 653_000]
    assert given.column("offset_us").to_pylist() == [210_000, 653_000, 1_553_000]
    assert list(catalogue.splits.values()) == ["train"]
    assert (reading.source, reading.dictated) == ("gazesearch", False)
    assert [f.label for f in reading.findings] == ["Lung Opacity"]


def test_the_patient_is_known_from_the_place_of_the_image(formats: Path, images: Path) -> None:
    (reading,), _ = _open(formats / "gazesearch", images)
    assert reading.reading.patient_id is not None
    assert "19999999" not in repr(reading.reading)
    assert NAME[:8] not in reading.reading.reading_id


def test_intents_of_all_rows_are_joined_by_fixation(tmp_path: Path, images: Path) -> None:
    rows = [["null", "lung_opacity", "lung_opacity"], ["atelectasis", "edema"]]
    (reading,), catalogue = _open(_write(tmp_path, findings=rows), images)

    def said(event: Event) -> tuple[int, object]:
        return event.time_us, event.value["label"]

    assert [said(e) for e in reading.events if e.kind == "intent"] == [
        (0, "atelectasis"),
        (210_000, "edema"),
        (210_000, "lung_opacity"),
        (653_000, "lung_opacity"),
    ]
    assert reading.source == "gazeintent"
    assert list(catalogue.splits.values()) == ["validation"]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"X": [1, 2]}, "record 0"),
        ({"X": [], "Y": [], "T": []}, "record 0"),
        ({"T": None}, "record 0, T"),
        ({"T": [0.1, -0.2, 0.3]}, "record 0, T"),
        ({"split": "holdout"}, "record 0, split"),
        ({"X": "112"}, "$[0].X"),
        ({"name": 5}, "$[0].name"),
    ],
)
def test_a_record_that_does_not_fit_is_named(
    tmp_path: Path, images: Path, changed: dict[str, object], where: str
) -> None:
    _, catalogue = _open(_write(tmp_path, **changed), images)
    (found,) = catalogue.excluded
    assert "scanpaths.json" in found.detail
    assert where in found.detail


def test_a_changed_scanpath_decides_itself_alone(tmp_path: Path, images: Path) -> None:
    path, pseudonyms = tmp_path / "scanpaths.json", PassingPseudonyms()

    def hashes(second: dict[str, Any]) -> list[str]:
        path.write_text(json.dumps([RECORD, second]), "utf-8")
        (source,) = gazesearch_sources(path, images=images, pseudonyms=pseudonyms)
        catalogue = source.catalogue()
        return [catalogue.hash_of(reading.reading_id) for reading in catalogue.readings]

    before, after = hashes(RECORD), hashes({**RECORD, "T": [0.21, 0.443, 0.8]})
    assert before[0] == after[0]
    assert before[1] != after[1]
