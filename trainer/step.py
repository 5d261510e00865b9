"""What does one step do: losses over all its batches and processes, gradients, clipping, AdamW."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from gazekit.model.errors import GazekitError
from trainer.config import TrainConfig
from trainer.corpus import Sample
from trainer.data import Batch
from trainer.device import autocast
from trainer.objective import amounts, losses, weights
from trainer.optim import learning_rate, set_rate
from trainer.ranks import Ranks
from trainer.sharding import whole_tensor
from trainer.state import RunState

__all__ = ["NotFiniteError", "update"]

_NAMED = 8


class NotFiniteError(GazekitError):
    """The loss or its gradient is not finite; the weights are still those before the step."""

    def __init__(self, step: int, rows: Sequence[int], values: dict[str, float]) -> None:
        self._step, self._rows, self._values = step, rows, values
        super().__init__("the loss or its gradient is not finite", where=f"step {step}")

    def naming(self, samples: Sequence[Sample]) -> GazekitError:
        """Return the error with the readings of the batch."""
        ids = [samples[row].reading_id for row in self._rows]
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        shown = ", ".join(f"{name} {value:.4g}" for name, value in self._values.items())
        return GazekitError(
            "the loss or its gradient is not finite",
            where=f"step {self._step}, readings {', '.join(ids[:_NAMED])}{more}",
            found=shown,
            remedy="lower optim.lr, or look at these readings; the run as it was before them is "
            "its last checkpoint",
        )


def update(
    state: RunState, window: Sequence[Batch], config: TrainConfig, ranks: Ranks
) -> dict[str, float]:
    """Do one step on the batches of a window; return its measurements.

    Each loss is divided by its amount (target tokens, supervised sentences) in the whole window
    and in all processes: two batches of 8 give what one of 16 gives.

    Raises
    ------
    NotFiniteError
        Before any weight has moved.
    """
    rate = learning_rate(state.step, config.fit.steps, config.optim)
    set_rate(state.optimiser, rate)
    amount = ranks.sums(_summed([amounts(batch, config) for batch in window]))
    state.optimiser.zero_grad()
    parts = [_backward(state, batch, amount, config, ranks) for batch in window]
    ranks.sum_gradients(state.model)
    norm = whole_tensor(clip_grad_norm_(state.model.parameters(), config.optim.clip_norm))
    sums = _summed([{name: float(mean) for name, mean in part.items()} for part in parts])
    values = ranks.sums(sums)
    if not torch.isfinite(norm):
        raise NotFiniteError(state.step, _suspects(window, parts), values)
    state.optimiser.step()
    state.moved()
    values |= {"grad_norm": float(norm), "lr": rate}
    state.metrics |= values
    return values


def _backward(
    state: RunState, batch: Batch, amount: dict[str, float], config: TrainConfig, ranks: Ranks
) -> dict[str, Tensor]:
    """Add a batch's part of the gradient; return its part of each loss."""
    with autocast(config.fit, ranks.device):
        means = losses(state.model, batch, config)
    mine, weight = amounts(batch, config), weights(config, state.step)
    parts = {
        name: mean * (mine[name] / amount[name] if amount[name] else 0.0)
        for name, mean in means.items()
    }
    loss = torch.stack([weight[name] * part for name, part in parts.items()]).sum()
    (loss * ranks.gradient_scale).backward()
    return {name: part.detach() for name, part in parts.items()}


def _suspects(window: Sequence[Batch], parts: Sequence[dict[str, Tensor]]) -> list[int]:
    """Return the rows of the batches whose loss is not finite; all, where only gradients are."""
    bad = [
        batch.rows
        for batch, part in zip(window, parts, strict=True)
        if not all(torch.isfinite(mean) for mean in part.values())
    ]
    return [row for rows in bad or [batch.rows for batch in window] for row in rows]


def _summed(many: Sequence[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for values in many:
        for name, value in values.items():
            total[name] += value
    return dict(total)
