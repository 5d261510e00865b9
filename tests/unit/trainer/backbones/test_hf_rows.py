"""Is a second computation of some rows the same as those rows of the whole?"""

import pytest

pytest.importorskip("torch", reason="the trainer needs torch")

import torch
from torch import Tensor

from trainer.backbones import hf_rows
from trainer.backbones.hf_rows import Asked, attention_of_rows

BATCH, HEADS, GROUPS, LENGTH, WIDTH = 2, 4, 2, 7, 3
ROWS = torch.tensor([[4, 6, 6], [2, 3, 5]])
KEYS = torch.tensor([[1, 2, 2, 0], [0, 1, 2, 6]])


def _tensors(*, learn: bool = True) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    query = torch.randn(BATCH, HEADS, LENGTH, WIDTH, dtype=torch.float64, requires_grad=learn)
    key = torch.randn(BATCH, GROUPS, LENGTH, WIDTH, dtype=torch.float64, requires_grad=learn)
    return query, key


def _mask(kind: str) -> Tensor | None:
    if kind in {"causal", "all"}:
        return None
    seen = (torch.rand(BATCH, 1, LENGTH, LENGTH) < 0.6) | torch.eye(LENGTH, dtype=torch.bool)
    return seen if kind == "bool" else torch.where(seen, 0.5, -1e9).double()


def _whole(query: Tensor, key: Tensor, asked: Asked) -> Tensor:
    """Compute it from all T x T shares."""
    scores = query @ key.repeat_interleave(HEADS // GROUPS, 1).transpose(2, 3) * asked.scale
    if asked.mask is None:
        later = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, float("-inf")) if asked.causal else scores
    elif asked.mask.dtype == torch.bool:
        scores = scores.masked_fill(~asked.mask, float("-inf"))
    else:
        scores = scores + asked.mask
    shares = scores.softmax(dim=3).mean(dim=1)
    return shares[torch.arange(BATCH)[:, None, None], ROWS[..., None], KEYS[:, None]]


@pytest.mark.parametrize("room", [1 << 24, 1])
@pytest.mark.parametrize("kind", ["causal", "all", "bool", "added"])
def test_shares_and_gradients_are_those_of_the_whole(
    kind: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hf_rows, "_ROOM", room)
    query, key = _tensors()
    asked = Asked(ROWS, KEYS, _mask(kind), causal=kind == "causal", scale=0.7)
    found, whole = attention_of_rows(query, key, asked), _whole(query, key, asked)
    torch.testing.assert_close(found, whole)
    weight = torch.rand_like(whole)
    ours = torch.autograd.grad((found * weight).sum(), [query, key])
    theirs = torch.autograd.grad((whole * weight).sum(), [query, key])
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_row_that_sees_nothing_is_no_nan() -> None:
    query, key = _tensors()
    nothing = torch.zeros(BATCH, 1, LENGTH, LENGTH, dtype=torch.bool)
    asked = Asked(ROWS, KEYS, nothing, causal=False, scale=1.0)
    found = attention_of_rows(query, key, asked)
    found.sum().backward()
    torch.testing.assert_close(found, torch.full_like(found, 1 / LENGTH))
    assert query.grad is not None
    assert query.grad.isfinite().all()


def test_backward_keeps_no_shares_of_all_keys() -> None:
    query, key = _tensors()
    kept: list[int] = []

    def note(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        attention_of_rows(query, key, Asked(ROWS, KEYS, None, causal=True, scale=1.0))
    assert max(kept) <= max(query.numel(), key.numel())
    assert sum(kept) < 2 * (query.numel() + key.numel())
