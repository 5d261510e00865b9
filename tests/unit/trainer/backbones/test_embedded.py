"""Does the embedded model read from left to right, look at the image, and write as it reads?"""

import pytest
import torch

from trainer.attention import sentence_maps
from trainer.backbones.embedded import EmbeddedModel
from trainer.config import ModelConfig
from trainer.losses import attention_kl

VOCABULARY = 20


@pytest.fixture
def model() -> EmbeddedModel:
    torch.manual_seed(0)
    config = ModelConfig(image_px=32, width=16, heads=2, text_tokens=12)
    made = EmbeddedModel(config, vocabulary=VOCABULARY, mean=0.5, std=0.25).eval()
    with torch.no_grad():  # fresh weights are so small that every token is about as likely
        for parameter in made.parameters():
            parameter.mul_(4)
    return made


def _images(count: int) -> torch.Tensor:
    return torch.randint(0, 256, (count, 1, 32, 32), dtype=torch.uint8)


def test_shapes_and_evidence_rows_that_sum_to_one(model: EmbeddedModel) -> None:
    output = model(_images(3), torch.randint(0, VOCABULARY, (3, 7)))
    assert output.logits.shape == (3, 7, VOCABULARY)
    assert output.attention.shape == (3, 7, 16)
    assert output.attention.dtype == torch.float32
    assert torch.allclose(output.attention.sum(-1), torch.ones(3, 7))


def test_later_tokens_do_not_change_earlier_rows(model: EmbeddedModel) -> None:
    images, ids = _images(1), torch.randint(0, VOCABULARY, (1, 8))
    changed = ids.clone()
    changed[0, 5] = (ids[0, 5] + 1) % VOCABULARY
    before, after = model(images, ids), model(images, changed)
    assert torch.allclose(before.logits[:, :5], after.logits[:, :5], atol=1e-5)
    assert torch.allclose(before.attention[:, :5], after.attention[:, :5], atol=1e-6)
    assert not torch.allclose(before.logits[:, 5:], after.logits[:, 5:], atol=1e-3)


def test_the_image_matters(model: EmbeddedModel) -> None:
    ids = torch.randint(0, VOCABULARY, (1, 4))
    first, second = model(_images(1), ids), model(_images(1), ids)
    assert not torch.allclose(first.logits, second.logits, atol=1e-4)


def test_generation_is_the_likeliest_next_token_of_a_full_read(model: EmbeddedModel) -> None:
    images = _images(4)
    reports = model.generate(images, start=1, end=3)
    assert any(reports)
    for i, written in enumerate(reports):
        ids = [1, *written]
        limit = model.config.text_tokens
        logits = model(images[i : i + 1], torch.tensor([ids[:limit]])).logits[0]
        chosen = logits.argmax(-1).tolist()
        assert chosen[: len(written)] == written
        if len(written) < limit:
            assert chosen[len(written)] == 3


def test_the_attention_loss_reaches_stem_and_encoder(model: EmbeddedModel) -> None:
    output = model(_images(2), torch.randint(0, VOCABULARY, (2, 5)))
    maps = sentence_maps(output.attention, torch.zeros(2, 5, dtype=torch.int64), sentences=1)
    gaze = torch.randn(2, 1, 16).softmax(-1)
    attention_kl(maps, gaze, torch.ones(2, 1)).backward()
    for part in (model.stem, model.encoder[0], model.encoder[-1]):
        assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in part.parameters())


def test_nano_has_about_six_hundred_thousand_parameters() -> None:
    nano = EmbeddedModel(ModelConfig(), vocabulary=600, mean=0.5, std=0.2)
    assert 500_000 < sum(p.numel() for p in nano.parameters()) < 800_000
