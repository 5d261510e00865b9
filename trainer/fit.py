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

import sys
from collections.abc import Iterator
from itertools import islice

import msgspec
import torch
from torch.utils.data import DataLoader

from gazekit.console import progress, say
from gazekit.model.layout_runs import RunLayout
from trainer.backbones.choice import require_room, settled
from trainer.backbones.protocol import Backbone
from trainer.checkpoint import Loaded
from trainer.config import TrainConfig
from trainer.data import Batch, StepBatches
from trainer.device import choose_device
from trainer.interrupt import stop_asked
from trainer.journal import Journal
from trainer.optim import freeze
from trainer.prepare import Prepared, prepare
from trainer.ranks import Ranks, joined
from trainer.sharding import share_model
from trainer.state import RunState
from trainer.step import NotFiniteError, update
from trainer.validation import validate

__all__ = ["FitResult", "main"]

_CONVOLUTION = 4
"""Dimensions of the weights of a convolution over a picture."""


class FitResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended: its folder, steps done of those planned, the newest measurements.

    `first`: whether this is the process, of several, that speaks for all.
    """

    run: str
    step: int
    steps: int
    parameters: int
    simulated: bool
    metrics: dict[str, float]
    first: bool = True


def main(
    config: TrainConfig,
    run: RunLayout,
    *,
    resume: bool = False,
    other_data: bool = False,
    stop_at: int | None = None,
    max_seconds: float | None = None,
    init_from: RunLayout | None = None,
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
    stop_at, max_seconds
        End after this step, or after so long, as SIGTERM would: with a checkpoint.
    init_from
        Start from the weights and the vocabulary of this run's best checkpoint.

    Raises
    ------
    UsageError, DataError
        The run exists or its folder holds something else, the data is missing or not that of the
        checkpoint, a split is empty.
    GazekitError
        The loss is not finite; the readings are named, and what came before is saved.
    UnfitError
        The device that is asked for is not there.
    """
    device = choose_device(config.fit)
    torch.set_num_threads(config.fit.threads)
    torch.manual_seed(config.fit.seed)
    fit = config.fit
    with joined(device, shared=fit.shard == "fsdp") as ranks, stop_asked(max_seconds) as asked:
        # ---- prepare --------------------------------------------------------------------------
        config = settled(config)
        require_room(config, ranks)
        prepared = _prepared(
            config, run, ranks, resume=resume, other_data=other_data, init_from=init_from
        )
        loaded, model = prepared.loaded, _placed(prepared.loaded.model, config, ranks)
        state = RunState.fresh(model, config)
        if resume:
            state.restore(run, ranks)
        journal = (
            Journal.of(run, config, first=state.step, ranks=ranks.count) if ranks.first else None
        )
        loader = _loader(prepared, config, ranks, first=state.step)
        model.train()

        # ---- train ----------------------------------------------------------------------------
        for window in _windows(loader, config, first=state.step, shown=ranks.first):
            try:
                values = update(state, [batch.to(device) for batch in window], config, ranks)
            except NotFiniteError as error:
                state.save(run, loaded, best=False, ranks=ranks)
                raise error.naming(prepared.train.samples) from None
            if journal and _due(state.step, fit.log_every, config):
                journal.write(state.step, values)

            # ---- measure on held-out readings -------------------------------------------------
            improved = _measured(state, prepared, journal, config, ranks)
            if journal and _due(state.step, fit.eval_every, config):
                journal.tell(state.step, state.metrics)

            # ---- save -------------------------------------------------------------------------
            stop = ranks.any(asked()) or state.step == stop_at
            improved = ranks.any(improved)
            if improved or stop or _due(state.step, fit.save_every, config):
                state.save(run, loaded, best=improved, ranks=ranks)
            if stop and state.step < fit.steps:
                if ranks.first:
                    say(f"stopped at step {state.step}; go on with: {_resuming(run)}")
                break
        return _result(run, loaded, state, ranks)


def _prepared(
    config: TrainConfig,
    run: RunLayout,
    ranks: Ranks,
    *,
    resume: bool,
    other_data: bool,
    init_from: RunLayout | None,
) -> Prepared:
    """Let the first process make what is made once; the others then find it there."""
    if not ranks.first:
        ranks.wait()
    prepared = prepare(
        config,
        run,
        resume=resume,
        other_data=other_data,
        init_from=init_from,
        alone=ranks.first,
    )
    if ranks.first:
        ranks.wait()
        loaded = prepared.loaded
        say(f"{loaded.parameters:,} parameters, {len(prepared.train.samples):,} training readings")
    else:  # or all would drop the same units; a resume sets it anew
        torch.manual_seed(config.fit.seed + ranks.rank)
    return prepared


def _placed(model: Backbone, config: TrainConfig, ranks: Ranks) -> Backbone:
    """Bring a model, or this process's share of it, to its device; freeze what does not learn."""
    freeze(model, config.optim.frozen)
    if config.fit.checkpointing:
        model.recompute_layers()
    if ranks.shared:
        share_model(model, ranks.device, ranks.count)
        return model
    for parameter in model.parameters():
        if parameter.dim() == _CONVOLUTION:  # the layout that computes it fastest
            parameter.data = parameter.data.to(memory_format=torch.channels_last)
    return model.to(ranks.device)


def _loader(
    prepared: Prepared, config: TrainConfig, ranks: Ranks, *, first: int
) -> "DataLoader[Batch]":
    """Return the batches from step `first` on, `fit.accumulate` of them a step."""
    batches = StepBatches(
        prepared.train, prepared.loaded.tokenizer, config, rank=ranks.rank, ranks=ranks.count
    )
    todo = range(first * config.fit.accumulate, config.fit.steps * config.fit.accumulate)
    return DataLoader(
        batches,
        batch_size=None,
        sampler=todo,
        num_workers=config.data.workers,
        # A loader draws a seed at its start: not from the run's own random state, which a resume
        # must find where it left it.
        generator=torch.Generator(),
    )


def _windows(
    loader: "DataLoader[Batch]", config: TrainConfig, *, first: int, shown: bool
) -> Iterator[list[Batch]]:
    """Yield the batches of each step; on a terminal, beside a bar with the time that is left."""
    batches = iter(loader)
    if not (shown and sys.stderr.isatty()):
        while window := list(islice(batches, config.fit.accumulate)):
            yield window
        return
    with progress("training", config.fit.steps) as ticker:
        ticker.tick(first)
        while window := list(islice(batches, config.fit.accumulate)):
            yield window
            ticker.tick()


def _measured(
    state: RunState,
    prepared: Prepared,
    journal: Journal | None,
    config: TrainConfig,
    ranks: Ranks,
) -> bool:
    """Measure on held-out readings when it is time; tell whether the model is the best so far.

    With shares every process measures the same, for none has all weights.
    """
    asked = ranks.first or ranks.shared
    if not (asked and prepared.validation and _due(state.step, config.fit.eval_every, config)):
        return False
    held_out = validate(state.judged, prepared.validation, prepared.loaded.tokenizer, config)
    if journal:
        journal.write(state.step, held_out)
    return state.note(held_out, config)


def _resuming(run: RunLayout) -> str:
    return f"trainer fit --resume {run.root}"


def _due(step: int, every: int, config: TrainConfig) -> bool:
    return step % every == 0 or step == config.fit.steps


def _result(run: RunLayout, loaded: Loaded, state: RunState, ranks: Ranks) -> FitResult:
    return FitResult(
        run=str(run.root),
        step=state.step,
        steps=loaded.config.fit.steps,
        parameters=loaded.parameters,
        simulated=loaded.preprocess.data.simulated,
        metrics=state.metrics,
        first=ranks.first,
    )
