"""Are the losses what their names say?"""

import math
from collections.abc import Callable

import pytest
import torch

from trainer.data import IGNORE
from trainer.losses import (
    attention_js,
    attention_kl,
    frame_loss,
    heatmap_kl,
    language_loss,
    token_losses,
)

PATCHES = 16
Loss = Callable[..., torch.Tensor]


def _density(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, PATCHES, generator=generator).softmax(dim=-1)


def test_kl_of_a_map_with_itself_is_zero() -> None:
    p = _density(2, 3)
    assert attention_kl(p, p, torch.ones(2, 3)).item() == pytest.approx(0, abs=1e-6)


def test_kl_of_one_hot_gaze_against_uniform_attention_is_log_n() -> None:
    gaze = torch.zeros(1, PATCHES)
    gaze[0, 5] = 1
    uniform = torch.full((1, PATCHES), 1 / PATCHES)
    assert attention_kl(uniform, gaze, torch.ones(1)).item() == pytest.approx(math.log(PATCHES))


def test_kl_is_finite_where_attention_is_zero() -> None:
    gaze, attention = torch.zeros(1, PATCHES), torch.zeros(1, PATCHES)
    gaze[0, 0], attention[0, 1] = 1, 1
    loss = attention_kl(attention, gaze, torch.ones(1))
    assert math.isfinite(loss.item())
    assert loss.item() > 10


def test_kl_passes_gradcheck() -> None:
    scores = torch.randn(2, 3, PATCHES, dtype=torch.float64, requires_grad=True)
    gaze, mask = _density(2, 3).double(), torch.tensor([[1.0, 0, 1], [0, 1, 1]])
    weight = torch.tensor([[1.0, 2, 3], [1, 1, 0.5]])
    assert torch.autograd.gradcheck(
        lambda s: attention_kl(s.softmax(-1), gaze, mask, weight=weight), (scores,)
    )


def test_masked_maps_have_no_say_even_when_they_are_empty() -> None:
    attention, gaze = _density(1, 2), _density(1, 2, seed=1)
    alone = attention_kl(attention[:, :1], gaze[:, :1], torch.ones(1, 1))
    attention = attention.clone()
    attention[0, 1] = 0
    attention.requires_grad_()
    loss = attention_kl(attention, gaze, torch.tensor([[1.0, 0.0]]))
    loss.backward()
    assert loss.item() == pytest.approx(alone.item())
    assert attention.grad is not None
    assert attention.grad[0, 1].abs().max() == 0


def test_weights_make_a_weighted_mean() -> None:
    attention, gaze = _density(2), _density(2, seed=1)
    one, other = (attention_kl(attention[i], gaze[i], torch.ones(())).item() for i in range(2))
    both = attention_kl(attention, gaze, torch.ones(2), weight=torch.tensor([3.0, 1.0]))
    assert both.item() == pytest.approx((3 * one + other) / 4, rel=1e-5)


def test_without_supervision_the_loss_is_zero_and_harmless() -> None:
    attention = _density(2).requires_grad_()
    loss = attention_kl(attention, torch.zeros(2, PATCHES), torch.zeros(2))
    loss.backward()
    assert loss.item() == 0
    assert attention.grad is not None
    assert torch.isfinite(attention.grad).all()


def test_kl_goes_down_when_followed() -> None:
    scores = torch.randn(4, PATCHES, requires_grad=True)
    gaze = _density(4, seed=2)
    optimiser = torch.optim.SGD([scores], lr=5.0)
    losses = []
    for _ in range(50):
        loss = attention_kl(scores.softmax(-1), gaze, torch.ones(4))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 10


def test_js_is_zero_of_equals_symmetric_and_at_most_log_two() -> None:
    p, q = _density(2, 3), _density(2, 3, seed=1)
    mask = torch.ones(2, 3)
    assert attention_js(p, p, mask).item() == pytest.approx(0, abs=1e-6)
    assert attention_js(p, q, mask).item() == pytest.approx(attention_js(q, p, mask).item())
    one, other = torch.zeros(1, PATCHES), torch.zeros(1, PATCHES)
    one[0, 0], other[0, 1] = 1, 1
    assert attention_js(one, other, torch.ones(1)).item() == pytest.approx(math.log(2))


def test_js_of_one_hot_gaze_against_uniform_attention_is_the_formula() -> None:
    n, gaze = PATCHES, torch.zeros(1, PATCHES)
    gaze[0, 3] = 1
    uniform = torch.full((1, n), 1 / n)
    there, rest = (1 + 1 / n) / 2, 1 / (2 * n)
    other = -math.log(there)
    own = (math.log(1 / n) - math.log(there)) / n + (n - 1) / n * (math.log(1 / n) - math.log(rest))
    assert attention_js(uniform, gaze, torch.ones(1)).item() == pytest.approx((own + other) / 2)


def test_heatmap_kl_is_the_kl_of_log_probabilities() -> None:
    p, q = _density(2, 3), _density(2, 3, seed=1)
    mask = torch.tensor([[1.0, 0, 1], [0, 1, 1]])
    assert heatmap_kl(p.log(), q, mask).item() == pytest.approx(attention_kl(p, q, mask).item())
    assert heatmap_kl(p.log(), p, mask).item() == pytest.approx(0, abs=1e-6)
    gaze, uniform = torch.zeros(1, PATCHES), torch.full((1, PATCHES), 1 / PATCHES)
    gaze[0, 5] = 1
    loss = heatmap_kl(uniform.log(), gaze, torch.ones(1))
    assert loss.item() == pytest.approx(math.log(PATCHES))


@pytest.mark.parametrize("loss", [attention_js, heatmap_kl])
def test_the_others_pass_gradcheck_and_masked_maps_have_no_say(loss: Loss) -> None:
    scores = torch.randn(2, 3, PATCHES, dtype=torch.float64, requires_grad=True)
    gaze, mask = _density(2, 3).double(), torch.tensor([[1.0, 0, 1], [0, 1, 1]])
    weight = torch.tensor([[1.0, 2, 3], [1, 1, 0.5]])

    def of(s: torch.Tensor) -> torch.Tensor:
        maps = s.log_softmax(-1) if loss is heatmap_kl else s.softmax(-1)
        return loss(maps, gaze, mask, weight=weight)

    assert torch.autograd.gradcheck(of, (scores,))
    of(scores).backward()
    assert scores.grad is not None
    assert scores.grad[mask == 0].abs().max() == 0
    assert scores.grad[mask == 1].abs().max() > 0


@pytest.mark.parametrize("loss", [attention_js, heatmap_kl])
def test_the_others_go_down_when_followed_and_are_harmless_without_supervision(loss: Loss) -> None:
    torch.manual_seed(0)
    scores, gaze = torch.randn(4, PATCHES, requires_grad=True), _density(4, seed=2)
    optimiser = torch.optim.Adam([scores], lr=0.2)
    losses = []
    for _ in range(80):
        maps = scores.log_softmax(-1) if loss is heatmap_kl else scores.softmax(-1)
        step = loss(maps, gaze, torch.ones(4))
        optimiser.zero_grad()
        step.backward()
        optimiser.step()
        losses.append(step.item())
    assert losses[-1] < losses[0] / 10
    none = loss(_density(2), torch.zeros(2, PATCHES), torch.zeros(2))
    assert none.item() == 0


def test_each_kind_of_token_has_its_own_mean() -> None:
    logits = torch.randn(2, 4, 7)
    targets = torch.tensor([[1, 2, 3, 4], [5, 6, IGNORE, IGNORE]])
    kinds = torch.tensor([[0, 0, 2, 2], [0, 2, 2, 2]])
    losses = token_losses(logits, targets, kinds, count=4)
    for kind in (0, 2):
        mine = torch.where(kinds == kind, targets, torch.full_like(targets, IGNORE))
        assert losses[kind].item() == pytest.approx(language_loss(logits, mine).item(), rel=1e-5)
    assert losses[1] == losses[3] == 0


def test_frame_loss_is_minus_the_log_of_the_right_frames_attention() -> None:
    film = torch.tensor([[[0.5, 0.2], [0.1, 0.4], [0.3, 0.3]]], requires_grad=True)
    places = torch.tensor([[0, 1, IGNORE]])
    loss = frame_loss(film, places)
    assert loss.item() == pytest.approx(-(math.log(0.5) + math.log(0.4)) / 2)
    loss.backward()
    assert film.grad is not None
    assert film.grad[0, 2].abs().max() == 0
    assert film.grad[0, 0, 0] < 0
    assert frame_loss(film, torch.full((1, 3), IGNORE)).item() == 0


def test_language_loss_counts_target_tokens_only() -> None:
    logits = torch.zeros(2, 3, 7)
    targets = torch.tensor([[1, 2, IGNORE], [IGNORE, IGNORE, IGNORE]])
    assert language_loss(logits, targets).item() == pytest.approx(math.log(7))


def test_language_loss_of_long_and_short_reports_is_a_mean_over_tokens() -> None:
    logits = torch.randn(2, 4, 7)
    targets = torch.tensor([[1, 2, 3, 4], [5, IGNORE, IGNORE, IGNORE]])
    rows = logits.log_softmax(-1)
    picked = [rows[0, i, i + 1] for i in range(4)] + [rows[1, 0, 5]]
    assert language_loss(logits, targets).item() == pytest.approx(-sum(picked).item() / 5)  # type: ignore[union-attr]
