"""A de-identified DICOM file: what is gone, what says so, what stays, what waits for review."""

import csv
import datetime as dt
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from gazekit.deid import (
    DeidResult,
    Identifiers,
    KeyedPseudonyms,
    add_header,
    deidentify_folder,
    kinds_in,
)
from gazekit.deid.profile import OPTIONS
from gazekit.image import read_image
from gazekit.model.errors import UsageError
from gazekit.model.layout_outputs import DeidLayout

PIXELS = np.random.default_rng(0).integers(100, 4096, (60, 50)).astype(np.uint16)
SECRET = [
    *(b"Quimby", b"Zenobia", b"88231906", b"19430717", b"20190423", b"Ignatius", b"Overbeck"),
    *(b"ACC55501234", b"7730-4419", b"Note-5521", b"9.7777.42", b"7654"),
]


@pytest.fixture
def key(tmp_path: Path) -> KeyedPseudonyms:
    path = tmp_path / "key"
    path.write_text("0123456789abcdef" * 4, "utf-8")
    return KeyedPseudonyms(path)


@pytest.fixture
def planted(film: Callable[..., Path], tmp_path: Path) -> Path:
    """Write a folder with one radiograph full of identifiers, named after its patient."""

    def attributes(**more: Any) -> dict[str, Any]:
        return {
            "PatientName": "Quimby^Zenobia",
            "PatientID": "MRN-88231906",
            "PatientBirthDate": "19430717",
            "PatientAge": "094Y",
            "PatientSex": "F",
            "StudyDate": "20190423",
            "StudyTime": "101500",
            "AccessionNumber": "ACC55501234",
            "InstitutionName": "Saint Ignatius Hospital",
            "ReferringPhysicianName": "Overbeck^T",
            "DeviceSerialNumber": "SN-7730-4419",
            "StudyInstanceUID": UID("1.2.826.0.1.3680043.9.7777.42"),
            "SOPInstanceUID": UID("1.2.826.0.1.3680043.9.7777.42.3"),
            "StudyDescription": "CHEST of Zenobia",
            "PatientOrientation": ["L", "F"],
            "WindowCenter": "2000",
            "WindowWidth": "1000",
            **more,
        }

    path = film(PIXELS, name="src/Quimby_Zenobia.dcm", **attributes())
    source = dcmread(path)
    source.file_meta.MediaStorageSOPInstanceUID = source.SOPInstanceUID
    block = source.private_block(0x0019, "ACME", create=True)
    block.add_new(1, "LO", "Private-Note-5521")
    source.add_new(0x60003000, "OW", b"Quimby overlay  ")
    source.add_new(0x50003000, "OW", b"Zenobia curve ")
    code, own = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "51185008", "SCT", "Chest"
    own.CodeValue, own.CodingSchemeDesignator, own.CodeMeaning = "7654", "99OWN", "Quimby"
    source.AnatomicRegionSequence = Sequence([code, own])
    source.OtherPatientIDsSequence = Sequence([Dataset()])
    source.OtherPatientIDsSequence[0].PatientID = "7654321"
    source.preamble = b"Quimby" + bytes(122)
    source.save_as(path, enforce_file_format=True)
    return path.parent


def rows_of(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(DeidLayout(out).review.read_text("utf-8"))))


def only(out: Path) -> Path:
    (path,) = out.rglob("*.dcm")
    return path


def bytes_of(out: Path) -> bytes:
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return b"".join(path.as_posix().encode() + path.read_bytes() for path in files)


def test_nothing_of_anybody_is_left(planted: Path, tmp_path: Path, key: Any) -> None:
    result = deidentify_folder(planted, tmp_path / "out", key)
    assert (result.made, result.excluded, result.held, result.exit_code) == (1, (), 1, 3)
    whole = bytes_of(tmp_path / "out")
    assert [text for text in SECRET if text.lower() in whole.lower()] == []
    assert only(tmp_path / "out").read_bytes()[:128] == bytes(128)


def test_the_image_is_displayed_as_before(planted: Path, tmp_path: Path, key: Any) -> None:
    deidentify_folder(planted, tmp_path / "out", key)
    before, after = read_image(next(planted.iterdir())), read_image(only(tmp_path / "out"))
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert after.record == before.record


def test_the_file_says_how_it_was_made(planted: Path, tmp_path: Path, key: Any) -> None:
    deidentify_folder(
        planted, tmp_path / "out", key, options=["retain-uids", "retain-device-identity"]
    )
    made = dcmread(only(tmp_path / "out"))
    assert made.PatientIdentityRemoved == "YES"
    assert made[0x00120063].value
    codes = [(c.CodeValue, c.CodingSchemeDesignator) for c in made[0x00120064].value]
    assert codes == [("113100", "DCM"), ("113109", "DCM"), ("113110", "DCM")]
    assert made[0x00280303].value == "REMOVED"
    assert made.StudyInstanceUID == "1.2.826.0.1.3680043.9.7777.42"
    assert made.DeviceSerialNumber == "SN-7730-4419"
    assert not any(element.tag.is_private for element in made.iterall())
    assert [item.CodeMeaning for item in made.AnatomicRegionSequence] == ["Chest"]


def test_each_option_lets_only_its_own_stay(planted: Path, tmp_path: Path, key: Any) -> None:
    for name in OPTIONS:
        out = tmp_path / name
        assert deidentify_folder(planted, out, key, options=[name]).made == 1
        made = dcmread(only(out))
        characteristics = "retain-patient-characteristics"
        assert made.get("PatientAge") == ("090Y" if name == characteristics else None)
        assert made.PatientSex == ("F" if name == characteristics else "")
        assert ("InstitutionName" in made) == (name == "retain-institution-identity")
        assert ("DeviceSerialNumber" in made) == (name == "retain-device-identity")
        assert bool(made.StudyDate) == (name == "retain-longitudinal-modified-dates")
        assert made.PatientBirthDate == ""


def test_dates_of_a_patient_move_together(
    film: Callable[..., Path], tmp_path: Path, key: Any
) -> None:
    for index, date in enumerate(["20190423", "20190430"]):
        uid = UID(f"1.2.3.{index}")
        film(
            PIXELS + index,
            name=f"src/{index}.dcm",
            PatientID="A1",
            StudyDate=date,
            SOPInstanceUID=uid,
        )
    deidentify_folder(
        tmp_path / "src", tmp_path / "out", key, options=["retain-longitudinal-modified-dates"]
    )
    made = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    first, second = sorted(dt.datetime.strptime(f.StudyDate, "%Y%m%d") for f in made)  # noqa: DTZ007
    assert (second - first).days == 7
    assert first.year < 2019 or first < dt.datetime(2019, 4, 23)  # noqa: DTZ001
    assert {f[0x00280303].value for f in made} == {"MODIFIED"}


def test_uids_are_new_and_the_same_wherever_they_stand(
    film: Callable[..., Path], tmp_path: Path, key: Any
) -> None:
    for index in range(2):
        film(
            PIXELS + index,
            name=f"src/{index}.dcm",
            PatientID=f"A{index}",
            StudyInstanceUID=UID("1.2.3.4.5"),
            SOPInstanceUID=UID(f"1.2.3.{index}"),
        )
    deidentify_folder(tmp_path / "src", tmp_path / "out", key)
    made = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert len({f.StudyInstanceUID for f in made}) == 1
    assert len({f.SOPInstanceUID for f in made}) == 2
    assert all(f.StudyInstanceUID.startswith("2.25.") and f.StudyInstanceUID.is_valid for f in made)
    assert all(f.file_meta.MediaStorageSOPInstanceUID == f.SOPInstanceUID for f in made)


def test_another_key_gives_other_names(planted: Path, tmp_path: Path, key: Any) -> None:
    deidentify_folder(planted, tmp_path / "out", key)
    (tmp_path / "other").write_text("fedcba9876543210" * 4, "utf-8")
    other = KeyedPseudonyms(tmp_path / "other")
    deidentify_folder(planted, tmp_path / "out2", other)
    one, two = dcmread(only(tmp_path / "out")), dcmread(only(tmp_path / "out2"))
    assert one.PatientID != two.PatientID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    with pytest.raises(UsageError, match="another key or other options"):
        deidentify_folder(planted, tmp_path / "out", other)
    assert (tmp_path / "other").read_bytes() not in bytes_of(tmp_path / "out2")


def test_an_image_that_may_bear_text_waits_with_its_corners(
    planted: Path, tmp_path: Path, key: Any
) -> None:
    out = DeidLayout(tmp_path / "out")
    assert deidentify_folder(planted, out.root, key).review == 1
    (row,) = rows_of(out.root)
    assert (row["kind"], row["burned_in"], row["decision"]) == ("image", "ABSENT", "")
    corner = np.asarray(Image.open(out.corner(row["name"], "bottom-right")))
    shown = read_image(only(out.root)).to_uint8()
    np.testing.assert_array_equal(corner, shown[-7:, -12:])
    assert out.is_held(only(out.root))
    made = only(out.root).read_bytes()

    def decide(word: str) -> DeidResult:
        text = out.review.read_text("utf-8")
        out.review.write_text(text.rsplit(",", 1)[0] + f",{word}\n", "utf-8")
        return deidentify_folder(planted, out.root, key)

    shared = decide("share")
    assert (shared.made, shared.reused, shared.review, shared.held) == (0, 1, 0, 0)
    assert only(out.root).is_relative_to(out.root / "images")
    assert only(out.root).read_bytes() == made
    assert (decide("").held, shared.exit_code) == (1, 0)
    with pytest.raises(UsageError, match="row 2: no such decision"):
        decide("yes")
    dropped = decide("drop")
    assert (dropped.exit_code, dropped.review) == (3, 0)
    assert not list(out.root.rglob("*.dcm"))


def test_burned_in_text_is_left_out_or_its_corners_are_blanked(
    film: Callable[..., Path], tmp_path: Path, key: Any
) -> None:
    film(PIXELS, name="src/a.dcm", BurnedInAnnotation="YES")
    result = deidentify_folder(tmp_path / "src", tmp_path / "out", key)
    assert (result.made, result.exit_code) == (0, 3)
    result = deidentify_folder(
        tmp_path / "src", tmp_path / "clean", key, options=["clean-pixel-data"]
    )
    assert (result.made, result.review) == (1, 1)
    pixels = read_image(only(tmp_path / "clean")).pixels
    assert (pixels[:7, :12] == 0).all()
    assert (pixels[-7:, -12:] == 0).all()
    np.testing.assert_array_equal(pixels[7:-7], PIXELS[7:-7])


def test_an_overlay_in_the_high_bits_goes(
    film: Callable[..., Path], tmp_path: Path, key: Any
) -> None:
    film(PIXELS | np.uint16(0xF000), name="src/a.dcm")
    deidentify_folder(tmp_path / "src", tmp_path / "out", key)
    np.testing.assert_array_equal(dcmread(only(tmp_path / "out")).pixel_array, PIXELS)


def test_texts_are_checked_and_not_copied(planted: Path, tmp_path: Path, key: Any) -> None:
    (planted / "a.txt").write_text("zenobia QUIMBY was born 17.07.1943", "utf-8")
    (planted / "b.txt").write_text("The lungs are clear.", "utf-8")
    deidentify_folder(planted, tmp_path / "out", key)
    (text,) = (row for row in rows_of(tmp_path / "out") if row["kind"] == "text")
    assert {"birth date", "patient's name"} == set(text["found"].split(", "))
    assert b"lungs" not in bytes_of(tmp_path / "out")


def test_a_run_that_was_cut_goes_on(planted: Path, tmp_path: Path, key: Any) -> None:
    shutil.copy(next(planted.iterdir()), planted / "two.dcm")
    second = dcmread(planted / "two.dcm")
    second.SOPInstanceUID = UID("1.2.3.9")
    second.save_as(planted / "two.dcm")
    deidentify_folder(planted, tmp_path / "out", key)
    gone = min((tmp_path / "out").rglob("*.dcm"))
    before = gone.read_bytes()
    gone.unlink()
    result = deidentify_folder(planted, tmp_path / "out", key)
    assert (result.made, result.reused) == (1, 1)
    assert gone.read_bytes() == before


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_damage_of_any_kind_is_made_or_left_out(
    planted: Path, tmp_path_factory: pytest.TempPathFactory, key: Any, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "src").mkdir()
    whole = bytearray((planted / "Quimby_Zenobia.dcm").read_bytes())
    end = len(whole) - PIXELS.nbytes
    places = st.tuples(st.integers(132, end), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, min_size=1, max_size=6)):
        whole[at] = value
    (folder / "src" / "a.dcm").write_bytes(whole)
    options = data.draw(st.sampled_from([(), tuple(OPTIONS)]))
    result = deidentify_folder(folder / "src", folder / "out", key, options=options)
    assert result.made + len(result.excluded) == 1
    assert "quimby" not in str(result).lower()


@pytest.mark.parametrize("option", ["clean-pixels", "everything"])
def test_an_unknown_option_is_named(planted: Path, tmp_path: Path, key: Any, option: str) -> None:
    with pytest.raises(UsageError, match="no such option"):
        deidentify_folder(planted, tmp_path / "out", key, options=[option])
    assert not (tmp_path / "out").exists()


def test_a_damaged_file_is_left_out_without_its_name(
    planted: Path, tmp_path: Path, key: Any
) -> None:
    whole = (planted / "Quimby_Zenobia.dcm").read_bytes()
    (planted / "Quimby_Z2.dcm").write_bytes(whole[:400])
    result = deidentify_folder(planted, tmp_path / "out", key)
    assert result.made == 1
    assert result.exit_code == 3
    assert "Quimby" not in str(result)


@pytest.mark.parametrize(
    "name",
    ["dicom_cxr/RG1_J2KI.dcm", "dicom_codecs/RG2_JLSL.dcm", "dicom_codecs/RG2_JPLY_fixed.dcm"],
)
def test_real_files_lose_their_identifiers(
    shared_data: Callable[[str], Path], tmp_path: Path, key: Any, name: str
) -> None:
    (tmp_path / "src").mkdir()
    shutil.copy(shared_data(name), tmp_path / "src")
    deidentify_folder(tmp_path / "src", tmp_path / "out", key)
    source, made = dcmread(shared_data(name)), dcmread(only(tmp_path / "out"))
    whole = bytes_of(tmp_path / "out").lower()
    for attribute in ("PatientBirthDate", "InstitutionName", "StudyDate", "SOPInstanceUID"):
        text = str(source.get(attribute) or "").strip().lower()
        assert not text or text.encode() not in whole, attribute
    identifiers = Identifiers()
    add_header(identifiers, source)
    texts = (str(e.value) for e in made.iterall() if e.VR not in {"SQ", "OW", "OB"})
    assert kinds_in("\n".join(texts), identifiers) == set()
    assert made.PixelData == source.PixelData
    assert made.Rows == source.Rows


def test_a_cut_image_does_not_take_the_place_of_the_whole_one(
    shared_data: Callable[[str], Path], tmp_path: Path, key: Any
) -> None:
    (tmp_path / "src").mkdir()
    for name in ("966.dcm", "966_fixed.dcm"):
        shutil.copy(shared_data(f"dicom_cxr/{name}"), tmp_path / "src")
    result = deidentify_folder(tmp_path / "src", tmp_path / "out", key)
    assert (result.made, [number for number, _ in result.excluded]) == (1, [1])
    whole = read_image(shared_data("dicom_cxr/966_fixed.dcm"))
    np.testing.assert_array_equal(read_image(only(tmp_path / "out")).pixels, whole.pixels)


def test_a_full_disk_is_no_fault_of_the_file(
    planted: Path, tmp_path: Path, key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gazekit.deid.export.write_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        deidentify_folder(planted, tmp_path / "out", key)
    assert not list((tmp_path / "out").rglob("*.dcm"))
