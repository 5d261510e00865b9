"""Does report text survive the tokens?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from trainer.tokenizer import MOST_FRAMES, TOKEN_KINDS, ReportTokenizer

CORPUS = ["There is a nodule in the left upper zone.", "No effusion.", "The heart is enlarged."]
TOKENIZER = ReportTokenizer.train(CORPUS * 3, vocabulary=320)


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_any_sentence_survives(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == [text]


def test_a_report_is_cut_into_its_sentences() -> None:
    ids = [TOKENIZER.start]
    for sentence in CORPUS:
        ids += TOKENIZER.encode(sentence)
    assert TOKENIZER.decode([*ids, TOKENIZER.report_end]) == CORPUS


def test_segments_tell_the_place_of_each_sentence() -> None:
    first, second = (TOKENIZER.encode(text) for text in CORPUS[:2])
    ids = [*first, TOKENIZER.sentence_end, *second[:-1]]
    places = dict(TOKENIZER.segment(ids))
    assert ids[places[CORPUS[0]]] == first
    assert ids[places[CORPUS[1]]] == second[:-1], "a report that was cut keeps its last words"


def test_the_vocabulary_does_not_depend_on_the_order() -> None:
    turned = ReportTokenizer.train(CORPUS[::-1], vocabulary=320)
    assert turned.to_json() == ReportTokenizer.train(CORPUS, vocabulary=320).to_json()
    assert len(turned) <= 320


def test_a_tokenizer_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(TOKENIZER.to_json(), "utf-8")
    assert ReportTokenizer.load(path).encode(CORPUS[0]) == TOKENIZER.encode(CORPUS[0])
    path.write_text("{", "utf-8")
    with pytest.raises(DataError, match="tokenizer"):
        ReportTokenizer.load(path)


TASKED = ReportTokenizer.train(CORPUS * 3, vocabulary=320, patches=9, coordinates=5)


def test_tokens_of_tasks_stand_behind_the_words_and_are_no_text() -> None:
    assert TASKED.encode(CORPUS[0]) == TOKENIZER.encode(CORPUS[0])
    assert len(TASKED) == len(TOKENIZER) + 8 + 2 + 9 + 5 + MOST_FRAMES
    ids = [TASKED.task("vqa"), *TASKED.encode("No effusion."), TASKED.patch(3), TASKED.frame(0)]
    assert TASKED.decode(ids) == ["No effusion."]
    assert not TOKENIZER.has_tasks
    assert TASKED.task("report") == TOKENIZER.task("report") == TASKED.start


def test_places_and_numbers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(TASKED.to_json(), "utf-8")
    again = ReportTokenizer.load(path)
    ids = [again.coordinate(4), again.patch(8), again.frame(2), again.coordinate(0)]
    assert again.numbers(ids, "at") == [4, 0]
    assert again.numbers(ids, "patch") == [8]
    assert again.numbers(ids, "frame") == [2]
    kinds = [TOKEN_KINDS[kind] for kind in again.kinds()[ids]]
    assert kinds == ["boxes", "gaze_tokens", "order", "boxes"]
    marks = [again.mark("clue"), again.mark("observation")]
    assert {TOKEN_KINDS[kind] for kind in again.kinds()[marks]} == {"boxes"}
    assert again.kinds()[again.encode(CORPUS[0])].max() == 0


def test_a_task_without_a_token_is_named() -> None:
    with pytest.raises(DataError, match="task vqa"):
        TOKENIZER.task("vqa")
