"""What a run remembers beside its weights: step, optimiser, random state, newest measurements."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gazekit.model.layout_runs import RunLayout
from trainer.backbones.protocol import Backbone
from trainer.checkpoint import (
    Loaded,
    load_train_state,
    newest,
    point_to,
    prune,
    save_checkpoint,
)
from trainer.config import TrainConfig
from trainer.optim import adamw
from trainer.ranks import Ranks
from trainer.sharding import share_optimiser_state, whole

__all__ = ["RunState"]


@dataclass
class RunState:
    """Where a run is. `best` is the lowest held-out loss so far.

    `mean`: the running mean of the weights, where ``fit.ema`` asks for one; it is then what is
    measured and saved, and the weights themselves are kept for the resume.
    """

    model: Backbone
    optimiser: torch.optim.Optimizer
    mean: AveragedModel | None = None
    step: int = 0
    best: float = float("inf")
    metrics: dict[str, float] = field(default_factory=dict)

    @classmethod
    def fresh(cls, model: Backbone, config: TrainConfig) -> "RunState":
        """Begin with a model as it is."""
        decay = config.fit.ema
        mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay)) if decay else None
        return cls(model, adamw(model, config.optim), mean)

    @property
    def judged(self) -> Backbone:
        """The model that is measured and saved."""
        if self.mean is None:
            return self.model
        return cast("Backbone", self.mean.module)

    def restore(self, run: RunLayout, ranks: Ranks) -> None:
        """Take up the newest checkpoint of `run`, the random state included."""
        kept = load_train_state(newest(run))
        self.optimiser.load_state_dict(share_optimiser_state(kept["optimiser"], self.optimiser))
        if self.mean is not None:
            # The checkpoint's weights, which the model came with, are the mean; or, where the
            # run had none before, its beginning.
            self.judged.take(self.model.kept())
            self.mean.n_averaged.fill_(kept["averaged"])
        if kept["weights"] is not None:
            self.model.take(kept["weights"])
        if ranks.rank < len(kept["rng"]):
            # A copy: of a part of a tensor torch reads beyond its end.
            torch.set_rng_state(kept["rng"][ranks.rank].clone())
        if ranks.device.type == "cuda" and ranks.rank < len(kept["device_rng"]):
            torch.cuda.set_rng_state(kept["device_rng"][ranks.rank].clone())
        self.step, self.best, self.metrics = kept["step"], kept["best"], kept["metrics"]

    def moved(self) -> None:
        """Count one step, and let the mean of the weights follow it."""
        self.step += 1
        if self.mean is not None:
            self.mean.update_parameters(self.model)

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

    def save(self, run: RunLayout, loaded: Loaded, *, best: bool, ranks: Ranks) -> None:
        """Write a checkpoint, point to it, and remove those that nothing points to.

        Every process comes here, for its random state and its share; the first one writes.
        """
        kept = self._kept(ranks)
        weights = whole(self.judged.kept(), keep=ranks.first) if ranks.shared else None
        if not ranks.first:
            return
        named = "ema" if self.mean is not None else "raw"
        preprocess = msgspec.structs.replace(loaded.preprocess, weights=named)
        checkpoint = save_checkpoint(
            run,
            replace(loaded, model=self.judged, preprocess=preprocess),
            step=self.step,
            metrics=self.metrics,
            train_state=kept,
            weights=weights,
        )
        point_to(run.last, checkpoint)
        if best:
            point_to(run.best, checkpoint)
        prune(run)

    def _kept(self, ranks: Ranks) -> dict[str, Any]:
        on_gpu = ranks.device.type == "cuda"
        return {
            "optimiser": whole(self.optimiser.state_dict(), keep=ranks.first),
            "weights": None if self.mean is None else self.model.kept(),
            "averaged": 0 if self.mean is None else int(self.mean.n_averaged),
            "rng": ranks.stacked(torch.get_rng_state()),
            "device_rng": ranks.stacked(torch.cuda.get_rng_state()) if on_gpu else [],
            "step": self.step,
            "best": self.best,
            "metrics": self.metrics,
        }
