"""Does a model of the hub read, answer and learn as the embedded one does, in each family?"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgspec
import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from torch import Tensor

from gazekit.model.layout_runs import ModelLayout
from tests.unit.trainer.tiny_families import NAMES, frame_px, image_px, write_tiny
from trainer.backbones.hf import HfModel
from trainer.backbones.hf_open import open_model, open_words, settled, write_merged
from trainer.backbones.hf_text import ChatWords
from trainer.config import LoraConfig, ModelConfig, TrainConfig
from trainer.data import IGNORE
from trainer.losses import attention_kl, language_loss

SENTENCES = ("there is a nodule in the upper left zone.", "no effusion.")


@dataclass(frozen=True)
class Opened:
    folder: ModelLayout
    config: TrainConfig
    words: ChatWords
    model: HfModel


@cache
def folder_of(family: str) -> ModelLayout:
    return ModelLayout(write_tiny(Path(mkdtemp()) / family, family))


def opened(family: str, *, rank: int = 4, heads: bool = False) -> Opened:
    folder = folder_of(family)
    model = ModelConfig(
        backbone="hf",
        path=str(folder.root),
        image_px=image_px(family),
        frame_px=frame_px(family),
        text_tokens=200,
        heatmap_head=heads,
    )
    config = TrainConfig(model=settled(model, folder), lora=LoraConfig(rank=rank, alpha=8.0))
    words = open_words(folder)
    torch.manual_seed(0)
    return Opened(folder, config, words, open_model(folder, words, config).eval())


def pictures(count: int, size: int, *, seed: int = 0) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 1, size, size), dtype=torch.uint8, generator=random)


def text_of(words: ChatWords, *sentences: str) -> list[int]:
    ids = [token for sentence in sentences for token in words.encode(sentence)]
    return [*words.prompt("report"), *ids, words.report_end]


def padded(texts: list[list[int]], pad: int) -> Tensor:
    longest = max(map(len, texts))
    return torch.tensor([[*text, *[pad] * (longest - len(text))] for text in texts])


@pytest.mark.parametrize("family", NAMES)
def test_pixels_are_those_of_the_familys_own_processor(family: str) -> None:
    from PIL import Image
    from transformers import AutoImageProcessor

    have = opened(family, rank=0)
    shown = pictures(2, have.config.model.image_px)
    open_processor: Any = AutoImageProcessor.from_pretrained
    processor = open_processor(have.folder.root, backend="pil")
    coloured = [Image.fromarray(one[0].numpy()).convert("RGB") for one in shown]
    expected = processor(images=coloured, return_tensors="pt")
    found = have.model.pictures(have.model.memory(shown))
    assert found.keys() <= expected.keys()
    torch.testing.assert_close(found["pixel_values"], expected["pixel_values"])
    if "image_grid_thw" in found:
        assert torch.equal(found["image_grid_thw"], expected["image_grid_thw"])


@pytest.mark.parametrize("family", NAMES)
def test_a_sequence_is_read_alike_alone_and_beside_longer_ones(family: str) -> None:
    have = opened(family)
    model = have.config.model
    images, frames = pictures(2, model.image_px), pictures(3, model.frame_px, seed=1)
    texts = [text_of(have.words, *SENTENCES), text_of(have.words, SENTENCES[1])]
    frame_at = torch.tensor([[0, 0], [0, 1], [1, 0]])
    with torch.no_grad():
        both = have.model(images, padded(texts, have.words.pad), frames, frame_at)
        alone = have.model(images[1:], torch.tensor(texts[1:]), frames[2:], frame_at[:1])
    count = len(texts[1])
    assert both.attention.shape[2] == model.grid**2
    assert both.film is not None
    assert alone.film is not None
    looked = both.attention.sum(dim=2) + both.film.sum(dim=2)
    torch.testing.assert_close(looked, torch.ones_like(looked))
    torch.testing.assert_close(both.logits[1, :count], alone.logits[0], atol=2e-6, rtol=1e-4)
    torch.testing.assert_close(both.attention[1, :count], alone.attention[0])
    torch.testing.assert_close(both.film[1, :count, :1], alone.film[0])
    assert not both.film[1, :, 1].any()


@pytest.mark.parametrize("family", NAMES)
def test_an_answer_is_the_likeliest_next_token_of_a_full_read(family: str) -> None:
    have = opened(family)
    model = have.config.model
    images, frames = pictures(2, model.image_px), pictures(1, model.frame_px, seed=1)
    prompts = [
        have.words.prompt("report"),
        have.words.prompt("finding", have.words.encode(SENTENCES[0])),
    ]
    frame_at = torch.tensor([[1, 0]])
    memory = have.model.memory(images, frames, frame_at)
    told = have.model.answer(prompts, memory, end=have.words.report_end, most=6)
    texts = [[*prompt, *answer] for prompt, answer in zip(prompts, told, strict=True)]
    with torch.no_grad():
        logits = have.model(images, padded(texts, have.words.pad), frames, frame_at).logits
    logits[..., have.words.chat.image] = -torch.inf
    for row, (prompt, answer) in enumerate(zip(prompts, told, strict=True)):
        first = len(prompt) - 1
        likeliest = logits[row].argmax(dim=1)[first : first + 6].tolist()
        assert answer == likeliest[: len(answer)]
        assert len(answer) == 6 or likeliest[len(answer)] == have.words.report_end


@pytest.mark.parametrize("family", NAMES)
def test_twenty_steps_of_adapters_lower_both_losses(family: str) -> None:
    have = opened(family)
    side = have.config.model.grid**2
    images = pictures(2, have.config.model.image_px)
    texts = [text_of(have.words, *SENTENCES), text_of(have.words, SENTENCES[1])]
    ids = padded(texts, have.words.pad)
    asked = len(have.words.prompt("report"))
    targets = ids.roll(-1, dims=1)
    told = torch.arange(ids.shape[1]) < torch.tensor([[len(text) - 1] for text in texts])
    targets[~told | (torch.arange(ids.shape[1]) < asked - 1)] = IGNORE
    gaze = torch.zeros(2, ids.shape[1], side)
    gaze[..., 5], gaze[..., 6] = 0.7, 0.3
    learning = [p for p in have.model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=1e-2)
    have.model.train()
    have.model.recompute_layers()
    found: list[tuple[float, float]] = []
    for _ in range(20):
        output = have.model(images, ids)
        language = language_loss(output.logits, targets)
        looking = attention_kl(output.attention, gaze, (targets != IGNORE).float())
        optimiser.zero_grad()
        (language + looking).backward()
        optimiser.step()
        found.append((language.item(), looking.item()))
    assert found[-1][0] < found[0][0] - 0.02
    assert found[-1][1] < 0.8 * found[0][1]


@pytest.mark.parametrize("family", NAMES)
def test_merged_adapters_are_a_model_of_the_library_with_the_same_output(
    family: str, tmp_path: Path
) -> None:
    have = opened(family, heads=True)
    with torch.no_grad():
        for name, value in have.model.kept().items():
            if "lora_B" in name:
                value.normal_(std=0.1)
    images = pictures(1, have.config.model.image_px)
    ids = torch.tensor([text_of(have.words, *SENTENCES)])
    with torch.no_grad():
        before = have.model(images, ids)
    write_merged(have.model, have.folder, ModelLayout(tmp_path))
    config = msgspec.structs.replace(have.config, lora=LoraConfig(rank=0))
    again = open_model(ModelLayout(tmp_path), open_words(ModelLayout(tmp_path)), config).eval()
    with torch.no_grad():
        after = again(images, ids)
    torch.testing.assert_close(after.logits, before.logits, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(after.attention, before.attention, atol=1e-5, rtol=1e-4)


def test_what_is_kept_are_the_adapters_and_nothing_of_the_base() -> None:
    have, fresh = opened("qwen2_vl"), opened("qwen2_vl")
    kept = have.model.kept()
    assert kept
    assert all("lora_" in name for name in kept)
    assert {name.split(".")[-4] for name in kept} == {"q_proj", "k_proj", "v_proj", "o_proj"}
    with torch.no_grad():
        for value in kept.values():
            value.add_(1.0)
    fresh.model.take(kept)
    assert all(torch.equal(value, kept[name]) for name, value in fresh.model.kept().items())
    with pytest.raises(RuntimeError, match="lora_"):
        fresh.model.take(dict(list(kept.items())[1:]))


def test_a_picture_written_as_text_is_no_picture() -> None:
    have = opened("qwen2_vl")
    images = pictures(1, have.config.model.image_px)
    mark = have.words.chat.image
    with torch.no_grad():
        output = have.model(images, torch.tensor([[*have.words.prompt("report"), mark, mark]]))
    assert torch.isfinite(output.logits).all()
    assert mark not in have.words.encode("an <|image_pad|> in a sentence.")


def test_learning_in_bfloat16_keeps_adapters_and_maps_in_float32() -> None:
    have = opened("qwen2_vl")
    config = msgspec.structs.replace(
        have.config, model=msgspec.structs.replace(have.config.model, base_dtype="bfloat16")
    )
    model = open_model(have.folder, have.words, config)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(
            pictures(1, have.config.model.image_px),
            torch.tensor([text_of(have.words, *SENTENCES)]),
        )
    output.attention.log().sum().backward()
    assert output.attention.dtype == torch.float32
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad == ("lora_" in name)
        assert parameter.dtype == (torch.float32 if "lora_" in name else torch.bfloat16)
