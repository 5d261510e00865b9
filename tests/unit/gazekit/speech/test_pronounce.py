"""Are pronunciations valid, and from the best source that knows the word?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.speech.letter_sounds import letter_sounds
from gazekit.speech.pronounce import PHONES, Pronouncer, chest_lexicon

GENERAL = {"hello": "HH AH L OW", "heart": "HH AA R T", "point": "P OY N T", "three": "TH R IY"}


def test_the_chest_lexicon_holds_hundreds_of_terms_in_valid_phones() -> None:
    lexicon = chest_lexicon()
    assert len(lexicon) >= 400
    strange = {
        word: phones
        for word, ways in lexicon.items()
        for phones in ways
        if not phones or not set(phones) <= PHONES
    }
    assert strange == {}


def test_hundreds_of_its_terms_are_missing_from_the_recognisers_dictionary() -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx", reason="needs the extra speech")
    decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL", lm=None)
    missing = [word for word in chest_lexicon() if decoder.lookup_word(word) is None]
    assert len(missing) >= 400
    for word in ("cardiomegaly", "pneumothorax", "atelectasis", "effusions", "costophrenic"):
        assert word in missing


@pytest.mark.parametrize(
    ("token", "source"),
    [("cardiomegaly,", "chest"), ("Heart", "general"), ("Zyxo", "rules"), ("heart-zyxo", "rules")],
)
def test_the_weakest_source_is_told(token: str, source: str) -> None:
    said = Pronouncer(GENERAL.get).of(token)
    assert said is not None
    assert said.source == source


def test_a_hyphen_joins_words_and_a_dash_is_silent() -> None:
    pronouncer = Pronouncer(GENERAL.get)
    joined = pronouncer.of("hello-heart")
    assert joined is not None
    assert joined.variants == (("HH", "AH", "L", "OW", "HH", "AA", "R", "T"),)
    assert pronouncer.of("-") is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20))
def test_any_word_of_letters_sounds_like_something_valid(word: str) -> None:
    sounds = letter_sounds(word)
    assert sounds
    assert set(sounds) <= PHONES


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("pneumatic", "N Y UW M AE T IH K"),
        ("crazed", "K R AE Z D"),
        ("zygosis", "Z IH G OW S IH S"),
        ("thorace", "TH AO R EY S"),
    ],
)
def test_letter_rules(word: str, sounds: str) -> None:
    assert " ".join(letter_sounds(word)) == sounds


@given(st.text(max_size=30))
def test_no_token_breaks_it(token: str) -> None:
    said = Pronouncer(GENERAL.get).of(token)
    assert said is None or all(set(way) <= PHONES for way in said.variants)
