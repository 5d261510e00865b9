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
    config = ModelConfig(image_px=32, width=16, heads=2, encoder_layers=2, text_tokens=12)
    made = EmbeddedModel(config, vocabulary=VOCABULARY, mean=0.5, std=0.25).eval()
    with torch.no_grad():  # fresh weights are so small that every token is about as likely
        for parameter in made.parameters():
            parameter.mul_(4)
    return made


def test_padding_left_out_while_it_learns_changes_no_row_that_is_there() -> None:
    torch.manual_seed(0)
    config = ModelConfig(image_px=32, frame_px=16, width=16, heads=2, text_tokens=12)
    model = EmbeddedModel(
        config, vocabulary=20, mean=0.5, std=0.25, frame_tokens=range(16, 20), pad=0
    )
    images, frames = _images(3), torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    frame_at = torch.tensor([[0, 0], [0, 1]])
    ids = torch.randint(1, 16, (3, 7))
    ids[0, 4:], ids[2, 6:] = 0, 0
    there = ids != 0
    told, whole = (model.train(learns)(images, ids, frames, frame_at) for learns in (True, False))
    for mine, other in ((told.logits, whole.logits), (told.attention, whole.attention)):
        assert torch.allclose(mine[there], other[there], atol=1e-5)
    assert told.logits.shape == whole.logits.shape
    assert not told.logits[~there].any(), "padding says nothing"
    assert whole.logits[~there].any()


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
    reports = model.generate(images, prompt=[1], end=3)
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


def _filmed() -> EmbeddedModel:
    torch.manual_seed(1)
    config = ModelConfig(image_px=32, frame_px=16, width=16, heads=2, heatmap_head=True)
    made = EmbeddedModel(config, vocabulary=20, mean=0.5, std=0.25, frame_tokens=range(16, 20))
    return made.eval()


def test_frames_matter_by_content_and_by_place_and_only_to_their_own_sequence() -> None:
    model, images, ids = _filmed(), _images(2), torch.randint(0, 16, (2, 5))
    frames = torch.randint(0, 256, (3, 1, 16, 16), dtype=torch.uint8)
    at = torch.tensor([[0, 0], [0, 1], [0, 2]])
    plain, filmed = model(images, ids), model(images, ids, frames, at)
    assert not torch.allclose(filmed.logits[0], plain.logits[0], atol=1e-4)
    assert torch.allclose(filmed.logits[1], plain.logits[1], atol=1e-5), "it has no frames"
    swapped = model(images, ids, frames, at[[1, 0, 2]])
    assert not torch.allclose(filmed.logits[0], swapped.logits[0], atol=1e-4)
    both = model(images, ids, frames[[2, 0, 1]], at[[2, 0, 1]])
    assert torch.allclose(filmed.logits, both.logits, atol=1e-5), "frames are found by their place"


def test_evidence_is_of_the_image_alone() -> None:
    model, images = _filmed(), _images(1)
    frames = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    output = model(images, torch.randint(0, 16, (1, 4)), frames, torch.tensor([[0, 0], [0, 1]]))
    assert output.attention.shape == (1, 4, 16)
    assert (output.attention.sum(-1) < 1).all()
    assert output.film.shape == (1, 4, 2)
    whole = output.attention.sum(-1) + output.film.sum(-1)
    assert torch.allclose(whole, torch.ones(1, 4), atol=1e-5)


def test_the_head_draws_log_probabilities() -> None:
    output = _filmed()(_images(2), torch.randint(0, 16, (2, 4)))
    assert output.heatmap.shape == (2, 4, 16)
    assert torch.allclose(output.heatmap.exp().sum(-1), torch.ones(2, 4), atol=1e-5)


def test_an_answer_is_the_likeliest_going_on_of_each_prompt() -> None:
    model, images = _filmed(), _images(2)
    prompts = [[1, 4, 5], [1]]
    answers = model.answer(prompts, model.memory(images), end=3, most=4)
    for i, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        ids = torch.tensor([[*prompt, *answer]])
        told = model(images[i : i + 1], ids).logits[0].argmax(-1).tolist()[len(prompt) - 1 :]
        assert told[: len(answer)] == answer
        assert len(answer) == 4 or told[len(answer)] == 3
