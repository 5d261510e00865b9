"""What a run remembers beside its weights: step, optimiser, random state, newest measurements."""

from dataclasses import dataclass, field

import torch

from gazekit.model.layout_runs import RunLayout
from trainer.checkpoint import (
    Loaded,
    load_train_state,
    newest,
    point_to,
    prune,
    save_checkpoint,
)
from trainer.config import TrainConfig

__all__ = ["RunState"]


@dataclass
class RunState:
    """Where a run is. `best` is the lowest held-out loss so far."""

    optimiser: torch.optim.Optimizer
    step: int = 0
    best: float = float("inf")
    metrics: dict[str, float] = field(default_factory=dict)

    def restore(self, run: RunLayout) -> None:
        """Take up the newest checkpoint of `run`, the random state included."""
        kept = load_train_state(newest(run))
        self.optimiser.load_state_dict(kept["optimiser"])
        torch.set_rng_state(kept["rng"])
        self.step, self.best, self.metrics = kept["step"], kept["best"], kept["metrics"]

    def note(self, held_out: dict[str, float], config: TrainConfig) -> bool:
        """Keep held-out values; tell whether their loss is the lowest so far.

        Under a control (shuffled or no gaze) only the language loss decides.
        """
        self.metrics |= held_out
        value = held_out["val_language"]
        if config.data.gaze == "own":
            value += config.loss.attn_kl * held_out.get("val_attn_kl", 0.0)
        improved, self.best = value < self.best, min(value, self.best)
        return improved

    def save(self, run: RunLayout, loaded: Loaded, *, best: bool) -> None:
        """Write a checkpoint, point to it, and remove those that nothing points to."""
        kept = {
            "optimiser": self.optimiser.state_dict(),
            "rng": torch.get_rng_state(),
            "step": self.step,
            "best": self.best,
            "metrics": self.metrics,
        }
        checkpoint = save_checkpoint(
            run, loaded, step=self.step, metrics=self.metrics, train_state=kept
        )
        point_to(run.last, checkpoint)
        if best:
            point_to(run.best, checkpoint)
        prune(run)
