"""Is every token of a report turned into the words that are said for it?"""

import pytest

from gazekit.speech.numbers import number_words
from gazekit.speech.spoken_form import spoken_forms


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("3.5", "three point five"),
        ("0.5", "point five"),
        ("12", "twelve"),
        ("120", "one hundred twenty"),
        ("1,200", "one thousand two hundred"),
        ("2019", "twenty nineteen"),
        ("2nd", "second"),
        ("20th", "twentieth"),
        ("10:30", "ten thirty"),
        ("10:00", "ten"),
        ("cm", "centimeters"),
        ("mm,", "millimeter"),
        ("10mm", "ten millimeters"),
        ("3.5cm", "three point five centimeters"),
        ("2x3", "two by three"),
        ("3-4", "three to four"),
        ("T4", "T four"),
        ("T12-L1", "T twelve L one"),
        ("PA", "P A"),
        ("AP", "A P"),
        ("ICU", "I C U"),
        ("CT.", "C T"),
        ("COPD,", "C O P D"),
        ("C.T.", "C T"),
        ("e.g.", "for example"),
        ("i.e.,", "that is"),
        ("Dr.", "doctor"),
        ("vs.", "versus"),
        ("w/o", "without"),
        ("s/p", "status post"),
        ("left-sided", "left sided"),
        ("and/or", "and or"),
        ("95%", "ninety five percent"),
        ("x-ray", "X ray"),
        ("(Lungs", "lungs"),
        ("patient\u2019s", "patient's"),
    ],
)
def test_what_is_said(token: str, said: str) -> None:
    assert said in [" ".join(way) for way in spoken_forms(token)]


@pytest.mark.parametrize("token", ["-", ".", "\u2014", "...", "()", "\u2022"])
def test_a_mark_is_not_said(token: str) -> None:
    assert spoken_forms(token) == ()


def test_capitals_mean_letters_only_where_not_all_is_capitals() -> None:
    assert ("L", "V", "F", "A") in spoken_forms("LVFA")
    assert ("N", "O", "D", "E") not in spoken_forms("NODE", capitals_tell=False)


def test_long_numbers_are_said_digit_by_digit() -> None:
    assert number_words("1234567")[0] == tuple("one two three four five six seven".split())  # noqa: SIM905
    assert number_words("lung") == ()
