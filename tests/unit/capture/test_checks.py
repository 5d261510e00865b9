"""Does nothing that may identify a reader become a reader's code, and is consent stated?"""

from pathlib import Path

import pytest

from capture.checks import check_consent, check_reader
from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.protocol import ImagePlan, Protocol

LAX = Protocol(title="t", version="1", reader_pattern=".*", images=ImagePlan(synthetic=1))


@pytest.mark.parametrize("code", ["R01", "r-7", "AB12", "reader03", "P_004", "Radiologist2"])
def test_pseudonyms_are_taken(code: str) -> None:
    assert check_reader(code, LAX) == code


@pytest.mark.parametrize(
    "code",
    [
        *("Smith", "anna1", "J.Smith7", "MS", "1980-01-31", "R31.12.79", "R1234567", "12 34 56"),
        "X-Müller1",
    ],
)
def test_names_dates_and_record_numbers_are_refused_and_not_repeated(code: str) -> None:
    with pytest.raises(UsageError, match="looks like") as raised:
        check_reader(code, LAX)
    assert code not in str(raised.value)


def test_consent_and_ethics_must_be_stated() -> None:
    with pytest.raises(UnfitError, match="does not state consent"):
        check_consent(LAX)
    stated = Protocol(title="t", version="1", images=LAX.images, consent="c-1")
    with pytest.raises(UnfitError, match="does not state ethics"):
        check_consent(stated)


def test_a_path_is_no_part_of_the_message(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        check_reader(str(tmp_path), LAX)
    assert str(tmp_path) not in str(raised.value)
