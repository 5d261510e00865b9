"""Is MIMIC-Eye read as the REFLACX and the EGD-CXR in it, patient by patient?"""

import shutil
from pathlib import Path

import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.read.mimic_eye import is_mimic_eye, mimic_eye_sources

PATIENT = "patient_19999999"


@pytest.fixture
def root(formats: Path, tmp_path: Path) -> Path:
    """Copy the dataset, with the image where MIMIC-Eye keeps it."""
    return shutil.copytree(formats / "mimic-eye", tmp_path / "mimic-eye")


def test_the_folder_and_one_patient_are_known(root: Path, formats: Path) -> None:
    assert is_mimic_eye(root)
    assert is_mimic_eye(root / PATIENT)
    assert not is_mimic_eye(formats / "reflacx")
    assert not is_mimic_eye(formats / "egd-cxr")


def test_both_readings_are_of_one_patient_and_image(root: Path, images: Path) -> None:
    jpg = root / PATIENT / "CXR-JPG" / "s59999999"
    jpg.mkdir(parents=True)
    shutil.copy(next(images.rglob("*.png")), jpg)
    sources = mimic_eye_sources(root, pseudonyms=PassingPseudonyms())
    held = [(source, source.catalogue()) for source in sources]
    readings = [
        reading
        for source, catalogue in held
        for reading in source.load([r.reading_id for r in catalogue.readings], catalogue)
    ]
    assert [r.source for r in readings] == ["mimic_eye_reflacx", "mimic_eye_egd_cxr"]
    assert len({r.reading.patient_id for r in readings}) == 1
    assert len({r.reading.image_id for r in readings}) == 1
    assert [r.samples.num_rows for r in readings] == [8, 6]
    assert readings[0].words[0].text == "none"
    assert "19999999" not in repr([catalogue.readings for _, catalogue in held])


def test_labels_of_both_versions_may_stand_side_by_side(root: Path, images: Path) -> None:
    table = root / PATIENT / "REFLACX" / "metadata.csv"
    head, row = table.read_text("utf-8").splitlines()
    wide = f",{head},Mass,Nodule\n0,{row},,\n".replace(",4,4,", ",4.0,4.0,")
    table.write_text(wide, "utf-8")
    source = mimic_eye_sources(root, images=images, pseudonyms=PassingPseudonyms())[0]
    catalogue = source.catalogue()
    (reading,) = source.load([r.reading_id for r in catalogue.readings], catalogue)
    labels = {f.label: f.certainty for f in reading.findings if f.shape is None}
    assert labels["Consolidation"] == 4
    assert "Mass" not in labels
