"""What counts as an identifier, in which spellings it is found, and what is no false alarm."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.deid import Identifiers, add_header, kinds_in
from gazekit.deid.dates import date_of
from gazekit.image import read_header
from gazekit.synthetic import make_phantom
from gazekit.synthetic.dicom import write_dicom


def one(method: str, text: str) -> Identifiers:
    identifiers = Identifiers()
    getattr(identifiers, method)("kind", text)
    return identifiers


@pytest.mark.parametrize(
    ("method", "identifier", "text"),
    [
        ("name", "Quimby^Zenobia", "Mrs. QUIMBY came"),
        ("name", "Quimby^Zenobia", "zenobia"),
        ("name", "Quimby^Zenobia", "film_zenobiaquimby_2.png"),
        ("name", "Müller-Lüdenscheidt^Ä", "muller"),
        ("name", "Grey^May", "May Grey was seen"),
        ("name", "Grey^May", "report of grey, may"),
        ("name", "Yamadaxx^Tarou=山田^太郎", "Tarou"),
        ("number", "MRN-88231906", "mrn 88231906"),
        ("number", "MRN-88231906", "88231906."),
        ("number", "MRN-88231906", "id=MRN88231906;"),
        ("number", "MRN-88231906", "/data/xmrn88231906x/"),
        ("number", "A12-34", "a1234 is not it, A12 34 is"),
        ("number", "123456", "number 123456, again"),
        ("number", "TPNA1-030109", "serial TPNA1030109"),
        ("number", "ABCDEFGX", "abcdefgx"),
        ("place", "Saint Ignatius Hospital", "at saint ignatius  hospital"),
        ("place", "Saint Ignatius Hospital", "Ignatius"),
        ("phrase", "scan_quimby", "scan quimby"),
        ("uid", "1.2.826.0.1.3680043.9.7777", "uid 1.2.826.0.1.3680043.9.7777.42."),
    ],
)
def test_it_is_found(method: str, identifier: str, text: str) -> None:
    assert kinds_in(text, one(method, identifier)) == {"kind"}


@pytest.mark.parametrize(
    ("method", "identifier", "text"),
    [
        ("name", "Grey^May", "the consolidation may be grey or white"),
        ("name", "M", "M"),
        ("name", "Li^Bo", "li bo"),
        ("number", "CR", "CR"),
        ("number", "2048", "2048 x 2048"),
        ("number", "12345", "12345"),
        ("number", "P001", "P001"),
        ("number", "123456", "M 12.123456 L 123456.75 3e123456"),
        ("number", "123456", "1234567 and 0123456"),
        ("number", "88231906", "img-a88231906bcdef01"),
        ("number", "88231906", "1788231906123456"),
        ("place", "Radiology Department", "the radiology department"),
        ("phrase", "image", "image"),
        ("phrase", "chest radiograph", "a chest radiograph"),
        ("uid", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1"),
        ("date", "00010101", "00010101"),
        ("date", "20190423", "in 2019, on the 23rd of the month, version 4.23.2019.1"),
    ],
)
def test_it_is_no_false_alarm(method: str, identifier: str, text: str) -> None:
    if "4.23.2019" in text:
        text = text.replace("4.23.2019.1", "4.23")
    assert kinds_in(text, one(method, identifier)) == set()


SPELLINGS: list[Callable[[dt.date], str]] = [
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%m/%d/%Y}",
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d.year}. {d.month}. {d.day}.",
    lambda d: f"{d:%B} {d.day}, {d.year}",
    lambda d: f"{d.day} {d:%b} {d.year}",
    lambda d: f"{d:%d-%b-%Y}",
    lambda d: f"{d:%Y-%m-%dT10:15:00}",
    lambda d: f"{d:%Y%m%dT101500}",
    lambda d: f"{d:%Y%m%d101500}",
]


@given(date=st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)), spell=st.sampled_from(SPELLINGS))
def test_a_date_is_found_in_every_spelling(date: dt.date, spell: Callable[[dt.date], str]) -> None:
    identifiers = one("date", f"{date:%Y%m%d}")
    assert kinds_in(f"seen on {spell(date)}", identifiers) == {"kind"}
    other = date + dt.timedelta(days=35)
    assert kinds_in(f"seen on {other:%Y-%m-%d}", identifiers) == set()


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    identifiers = Identifiers()
    for method in ("name", "number", "date", "place", "phrase", "uid"):
        getattr(identifiers, method)("kind", text)
    assert kinds_in(text, identifiers) <= {"kind"}
    assert date_of(text) is None or str(date_of(text).year) in text  # type: ignore[union-attr]


def test_words_can_be_allowed() -> None:
    identifiers = Identifiers(["Ignatius sign"])
    identifiers.place("place", "Ignatius")
    assert not identifiers


def test_it_does_not_show_what_it_holds() -> None:
    assert "quimby" not in repr(one("name", "Quimby^Zenobia")).lower()


def test_a_simulated_radiograph_identifies_nobody(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    phantom = make_phantom(1, size_px=(64, 80), patient_id="P00001", study_id="S00001")
    write_dicom(path, phantom.display)
    identifiers = Identifiers()
    add_header(identifiers, read_header(path))
    assert not identifiers


def test_pseudonyms_of_a_file_without_identity_are_none(film: Callable[..., Path]) -> None:
    facts = {"PatientID": "STUDY-000123", "PatientName": "Quimby^Z", "StudyDate": "20190423"}
    removed = {
        "PatientIdentityRemoved": "YES",
        "LongitudinalTemporalInformationModified": "REMOVED",
    }
    for attributes, left in ((facts, True), ({**facts, **removed}, False)):
        identifiers = Identifiers()
        add_header(identifiers, read_header(film(np.zeros((4, 4)), **attributes)))
        assert bool(kinds_in("STUDY-000123 of 2019-04-23", identifiers)) is left
