"""Fit a model to a built dataset: the training loop, flat, top to bottom.

::

    dataset --> readings + pixels --> batch(step) --> model --> language loss
                                          |                        + weight * KL(gaze || attention)
                                          v                        v
                                    gaze on the patch grid     AdamW, cosine, clipping
                                                                   v
                                   metrics.jsonl <-- every log_every, eval_every steps
                                   step-NNNNNN/  <-- every save_every steps, at the best, at a stop
"""

import msgspec
import torch
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader

from gazekit.console import say
from gazekit.model.errors import GazekitError
from gazekit.model.layout_runs import RunLayout
from trainer.attention import row_targets, sentence_maps
from trainer.backbones.embedded import EmbeddedModel
from trainer.checkpoint import Loaded
from trainer.config import TrainConfig
from trainer.data import Batch, StepBatches
from trainer.interrupt import stop_on_sigterm
from trainer.journal import Journal
from trainer.losses import attention_kl, language_loss
from trainer.optim import adamw, learning_rate
from trainer.prepare import prepare
from trainer.state import RunState
from trainer.validation import validate

__all__ = ["FitResult", "main"]


class FitResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended: its folder, steps done of those planned, the newest measurements."""

    run: str
    step: int
    steps: int
    parameters: int
    simulated: bool
    metrics: dict[str, float]


def main(
    config: TrainConfig,
    run: RunLayout,
    *,
    resume: bool = False,
    other_data: bool = False,
    stop_at: int | None = None,
) -> FitResult:
    """Train, and leave a run that can be resumed at any checkpoint, bit for bit.

    Parameters
    ----------
    config
        The resolved configuration; ``data.path`` names the dataset.
    run
        Where everything goes; a new or an empty folder, unless `resume`.
    resume
        Go on from the newest checkpoint of `run`.
    other_data
        Accept, on resume, a dataset with another fingerprint.
    stop_at
        End after this step as SIGTERM would, with a checkpoint.

    Raises
    ------
    UsageError, DataError
        The run exists or its folder holds something else, the data is missing or not that of the
        checkpoint, a split is empty.
    GazekitError
        The loss is not finite; the batch is named.
    """
    # ---- prepare ------------------------------------------------------------------------------
    torch.set_num_threads(config.fit.threads)
    torch.manual_seed(config.fit.seed)
    prepared = prepare(config, run, resume=resume, other_data=other_data)
    loaded, model = prepared.loaded, prepared.loaded.model
    state = RunState(adamw(model, config.optim))
    if resume:
        state.restore(run)
    journal = Journal(run.metrics, first=state.step, steps=config.fit.steps)
    say(f"{loaded.parameters:,} parameters, {len(prepared.train.samples):,} training readings")

    # ---- train --------------------------------------------------------------------------------
    batches = StepBatches(prepared.train, loaded.tokenizer, config)
    todo = range(state.step, config.fit.steps)
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=todo,
        num_workers=config.data.workers,
        # A loader draws a seed at its start: not from the run's own random state, which a resume
        # must find where it left it.
        generator=torch.Generator(),
    )
    model.train()
    with stop_on_sigterm() as asked:
        for batch in loader:
            values = _update(model, state, batch, config)
            if _due(state.step, config.fit.log_every, config):
                journal.write(state.step, values)

            # ---- measure on held-out readings -------------------------------------------------
            improved = False
            if prepared.validation and _due(state.step, config.fit.eval_every, config):
                held_out = validate(model, prepared.validation, loaded.tokenizer, config)
                improved = state.note(held_out, config)
                journal.write(state.step, held_out)
            if _due(state.step, config.fit.eval_every, config):
                journal.tell(state.step, state.metrics, batch=config.fit.batch)

            # ---- save -------------------------------------------------------------------------
            stop = asked.is_set() or state.step == stop_at
            if improved or stop or _due(state.step, config.fit.save_every, config):
                state.save(run, loaded, best=improved)
            if stop and state.step < config.fit.steps:
                say(f"stopped at step {state.step}; go on with: trainer fit --resume {run.root}")
                break
    return _result(run, loaded, state)


def _update(
    model: EmbeddedModel, state: RunState, batch: Batch, config: TrainConfig
) -> dict[str, float]:
    """Do one step and return its measurements."""
    rate = learning_rate(state.step, config.fit.steps, config.optim)
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    output = model(batch.images, batch.ids)
    loss = language_loss(output.logits, batch.targets)
    values = {"language": loss.item()}
    if config.loss.attn_kl > 0 and config.data.gaze != "none":
        gaze = _gaze_loss(output.attention, batch, config)
        loss = loss + config.loss.attn_kl * gaze
        values["attn_kl"] = gaze.item()
    _require_finite(loss, values, batch, state.step)
    state.optimiser.zero_grad()
    loss.backward()
    norm = clip_grad_norm_(model.parameters(), config.optim.clip_norm)
    _require_finite(norm, values, batch, state.step)
    state.optimiser.step()
    state.step += 1
    values |= {"grad_norm": float(norm), "lr": rate}
    state.metrics |= values
    return values


def _gaze_loss(attention: torch.Tensor, batch: Batch, config: TrainConfig) -> torch.Tensor:
    """Return KL(gaze || attention), each supervised sentence counting once."""
    if config.loss.attn_rows == "each":
        gaze, weight = row_targets(batch.gaze, batch.gaze_mask, batch.sentence)
        return attention_kl(attention, gaze, (weight > 0).float(), weight=weight)
    maps = sentence_maps(attention, batch.sentence, sentences=batch.gaze.shape[1])
    return attention_kl(maps, batch.gaze, batch.gaze_mask)


def _require_finite(
    number: torch.Tensor, values: dict[str, float], batch: Batch, step: int
) -> None:
    if not torch.isfinite(number):
        rows = ", ".join(str(row) for row in batch.rows)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        raise GazekitError(
            "the loss or its gradient is not finite",
            where=f"step {step}, rows {rows} of the train split's readings",
            found=shown,
            remedy="lower optim.lr, or look at these readings",
        )


def _due(step: int, every: int, config: TrainConfig) -> bool:
    return step % every == 0 or step == config.fit.steps


def _result(run: RunLayout, loaded: Loaded, state: RunState) -> FitResult:
    return FitResult(
        run=str(run.root),
        step=state.step,
        steps=loaded.config.fit.steps,
        parameters=loaded.parameters,
        simulated=loaded.preprocess.data.simulated,
        metrics=state.metrics,
    )
