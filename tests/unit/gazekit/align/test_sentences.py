"""Are words split into sentences without losing one or inventing a time?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.align import split_sentences
from gazekit.model.records import Word


def _words(text: str, *, timed: bool = True) -> list[Word]:
    return [
        Word(
            reading_id="r",
            index=i,
            text=word,
            onset_us=i * 100 if timed else None,
            offset_us=i * 100 + 80 if timed else None,
        )
        for i, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Clear lungs. Normal heart.", ["Clear lungs.", "Normal heart."]),
        ("Clear lungs . Normal heart .", ["Clear lungs.", "Normal heart."]),
        ("Clear lungs. normal heart", ["Clear lungs.", "normal heart"]),
        ("Seen by Dr. Who. Fine.", ["Seen by Dr. Who.", "Fine."]),
        ("About 2.5 cm. wide. Fine.", ["About 2.5 cm. wide.", "Fine."]),
        ("About 2. 5 wide. Fine.", ["About 2. 5 wide.", "Fine."]),
        ("Signs, e.g. lines. Fine!", ["Signs, e.g. lines.", "Fine!"]),
        ("Is it ? Yes.", ["Is it?", "Yes."]),
        ("Fine. .", ["Fine.."]),
        ("Measures 3 cm. The heart is normal.", ["Measures 3 cm.", "The heart is normal."]),
        ("Measures 3 cm. in width.", ["Measures 3 cm. in width."]),
        ("A 3.5 cm mass. Fine.", ["A 3.5 cm mass.", "Fine."]),
        ("1. No effusion. 2. No edema.", ["1. No effusion.", "2. No edema."]),
        ("Mass vs. nodule. Fine.", ["Mass vs. nodule.", "Fine."]),
        (
            "Is there edema? No. The heart is normal.",
            ["Is there edema?", "No.", "The heart is normal."],
        ),
        ("Rib no. 5 is broken. Fine.", ["Rib no. 5 is broken.", "Fine."]),
        ("Opacity ... in the left. Fine.", ["Opacity... in the left.", "Fine."]),
        ("Opacity\u2026 in the left.", ["Opacity\u2026 in the left."]),
        ("Opacity... Fine.", ["Opacity...", "Fine."]),
        ("Seen on C.T. The lungs are clear.", ["Seen on C.T.", "The lungs are clear."]),
        ("Seen on C.T. of March.", ["Seen on C.T. of March."]),
        ("Level is 3. The tube is low.", ["Level is 3.", "The tube is low."]),
        ("Lines, tubes, etc. No edema.", ["Lines, tubes, etc.", "No edema."]),
        ("", []),
    ],
)
def test_where_a_sentence_ends(text: str, sentences: list[str]) -> None:
    assert [s.text for s in split_sentences(_words(text))] == sentences


def test_the_interval_is_that_of_its_words() -> None:
    first, second = split_sentences(_words("Clear lungs. Normal heart."))
    assert (first.onset_us, first.offset_us) == (0, 180)
    assert (second.onset_us, second.offset_us) == (200, 380)


def test_words_without_times_leave_the_interval_to_the_others() -> None:
    words = _words("One two three.")
    words[0] = Word(reading_id="r", index=0, text="One")
    (sentence,) = split_sentences(words)
    assert (sentence.onset_us, sentence.offset_us) == (100, 280)


def test_no_time_anywhere_is_no_interval() -> None:
    (sentence,) = split_sentences(_words("One two.", timed=False))
    assert (sentence.onset_us, sentence.offset_us) == (None, None)


@given(st.lists(st.sampled_from(["heart", "Dr.", ".", "2.", "5", "fine.", "?", " "]), max_size=30))
def test_every_word_belongs_to_exactly_one_sentence(texts: list[str]) -> None:
    words = [Word(reading_id="r", index=i, text=text) for i, text in enumerate(texts)]
    held = [word.index for s in split_sentences(words) for word in s.words]
    assert held == [word.index for word in words if word.text.strip()]
    assert [s.index for s in split_sentences(words)] == list(range(len(split_sentences(words))))
