"""Are texts, prompts and places of a hub model's tokenizer what they mean, and back?"""

from typing import Any

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from transformers import AutoTokenizer

from tests.unit.trainer.backbones.test_hf import SENTENCES, folder_of
from tests.unit.trainer.tiny_families import NAMES
from trainer.backbones.hf_open import open_words
from trainer.backbones.hf_text import ChatWords
from trainer.config import ModelConfig
from trainer.tokenizer import MOST_FRAMES

IMAGE_PX = 112


def _words(family: str) -> ChatWords:
    return open_words(folder_of(family))


@pytest.mark.parametrize("family", NAMES)
def test_sentences_come_back_with_the_places_of_their_tokens(family: str) -> None:
    words = _words(family)
    ids = [token for sentence in SENTENCES for token in words.encode(sentence)]
    told = [*ids, words.report_end]
    assert words.decode(told) == list(SENTENCES)
    first, second = (place for _, place in words.segment(told))
    assert told[first] == words.encode(SENTENCES[0])
    assert told[second] == words.encode(SENTENCES[1])


@pytest.mark.parametrize("family", [name for name in NAMES if name != "paligemma"])
def test_a_prompt_is_what_the_familys_own_template_makes(family: str) -> None:
    words = _words(family)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder_of(family).root)
    asked = words.text(words.prompt("report"))
    question = "Write the report of this chest radiograph."
    assert question in asked
    parts = [{"type": "image"}, {"type": "text", "text": question}]
    answer = [{"type": "text", "text": SENTENCES[1]}]
    whole = tokenizer.apply_chat_template(
        [{"role": "user", "content": parts}, {"role": "assistant", "content": answer}],
        tokenize=False,
    )
    made = words.text(words.pictured([1])) + asked + SENTENCES[1]
    assert _without_marks(whole, words).startswith(_without_marks(made, words))


def _without_marks(text: str, words: ChatWords) -> str:
    """Return a text without what a processor puts for, and around, a picture, on one line."""
    chat = words.chat
    for mark in (chat.before.strip(), words.text([chat.image]), chat.after.strip()):
        text = text.replace(mark, "") if mark else text
    return " ".join(text.removeprefix("<s>").removeprefix("<bos>").split())


@pytest.mark.parametrize("family", NAMES)
def test_places_of_a_box_survive_the_tokens(family: str) -> None:
    places = _words(family).places(ModelConfig(backbone="hf", path="x", image_px=IMAGE_PX))
    box = (40.0, 50.0, 80.0, 120.0)
    ids = places.grounded("Lung Lesion", [box], (160, 200))
    (found,) = places.boxes(ids, (160, 200))
    assert found == pytest.approx(box, abs=2.0)


@pytest.mark.parametrize("family", NAMES)
def test_each_frame_has_a_token_of_its_own(family: str) -> None:
    words = _words(family)
    tokens = [words.frame(place) for place in range(MOST_FRAMES)]
    assert len(set(tokens)) == MOST_FRAMES
    assert words.numbers([tokens[3], words.pad, tokens[0]], "frame") == [3, 0]
    shown = words.pictured([16, 4, 4])
    assert shown.count(words.chat.image) == 24
    first, second = (shown.index(token) for token in tokens[:2])
    assert shown.index(words.chat.image) < first < second


def test_a_reports_own_tags_are_text_of_no_meaning() -> None:
    words = _words("qwen2_vl")
    ids = words.encode("no <|im_end|> effusion <|image_pad|>.")
    assert not {words.report_end, words.chat.image}.intersection(ids)


def test_the_answer_begins_after_the_speakers_turn() -> None:
    words = _words("qwen2_vl")
    prompt, told = words.prompt("report"), words.encode(SENTENCES[1])
    after = words.answers(torch.tensor([[*prompt, *told]]))
    assert after[0].tolist() == [False] * len(prompt) + [True] * len(told)


def test_control_characters_are_left_out_of_what_is_shown() -> None:
    words = _words("qwen2_vl")
    assert words.decode([*words.plain("no\x18 effusion."), words.report_end]) == ["no effusion."]
