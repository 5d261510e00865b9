"""What a checkpoint says about itself: the data it saw, how it was prepared, its model card."""

from typing import Literal

import msgspec

from gazekit.model.dataset import Dataset
from gazekit.model.version import DISCLAIMER, __version__
from trainer.backbones.hf_base import Base
from trainer.config import TrainConfig
from trainer.habits import Habits

__all__ = ["DataFacts", "Preprocess", "facts_of", "model_card"]

_WEIGHTS = {
    "raw": "as they were after this step",
    "ema": "their running mean, of decay {decay}",
}


class DataFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which dataset a model was trained on; `readings` counts by split."""

    name: str
    fingerprint: str
    schema_version: str
    simulated: bool
    readings: dict[str, int]


class Preprocess(msgspec.Struct, frozen=True, kw_only=True):
    """How an image becomes model input: letterboxed to `size_px`, scaled to 0..1, standardised.

    `grid` is the side of the patch grid. Coordinates outside the model are pixels of the image.
    `weights`: ``raw``, or ``ema`` where the running mean of the weights was measured and saved.
    `codec`: how places are written in tokens, where a run has tasks.
    `base`: the model whose weights a checkpoint adds to, which scales grey values in its own way.
    `habits`: steps and times of the training readings; None in older checkpoints.
    """

    size_px: int
    grid: int
    mean: float
    std: float
    data: DataFacts
    weights: Literal["raw", "ema"] = "raw"
    codec: str | None = None
    habits: Habits | None = None
    base: Base | None = None


def facts_of(dataset: Dataset) -> DataFacts:
    """Return what a checkpoint records about its dataset."""
    return DataFacts(
        name=dataset.info.name,
        fingerprint=dataset.info.fingerprint,
        schema_version=dataset.info.schema_version,
        simulated=dataset.info.simulated,
        readings=dict(dataset.info.counts.get("readings", {})),
    )


def model_card(
    config: TrainConfig,
    preprocess: Preprocess,
    *,
    step: int,
    parameters: int,
    metrics: dict[str, float],
) -> str:
    """Return MODEL_CARD.md: Markdown with the facts a reader needs before using the weights."""
    data = preprocess.data
    kind = (
        "**Synthetic data: the images and the gaze were simulated.** Nothing here says how the "
        "model would do on patients."
        if data.simulated
        else "Recorded gaze of readers."
    )
    readings = ", ".join(f"{split} {count}" for split, count in data.readings.items())
    figures = "\n".join(f"| {name} | {value:.4g} |" for name, value in metrics.items())
    gaze = {
        "own": "the reading's own fixations",
        "shuffled": "another reading's fixations (a control)",
        "none": "not used (a control)",
    }[config.data.gaze]
    return f"""# Gaze-supervised vision-language model

**{DISCLAIMER}**

Writes a report for one chest radiograph and shows, for each sentence, where in the image its
evidence lies. Made by gazekit {__version__}.

## Data

- Dataset: {data.name}, schema {data.schema_version}
- Fingerprint: `{data.fingerprint}`
- Readings: {readings}; split by patient
- {kind}

## Training

- Step {step} of {config.fit.steps}, {config.fit.batch} readings a step, seed {config.fit.seed}
- {_origin(config, preprocess, parameters)}; image input {preprocess.size_px} px,
  {preprocess.grid} x {preprocess.grid} patches
- Weights: {_WEIGHTS[preprocess.weights].format(decay=config.fit.ema)}
- Gaze supervision: {gaze}; weight of KL(gaze || attention): {config.loss.attn_kl}

| metric at this step | value |
|---|---|
{figures}

`val_*` are held-out readings. The full evaluation, with controls, is made by
`trainer evaluate`.

## Limits

- The evidence map shows where the model attended, which is not why it wrote a sentence.
- Findings outside the training corpus cannot be reported. A fluent report may be wrong.
- Not for clinical use. {DISCLAIMER}
"""


def _origin(config: TrainConfig, preprocess: Preprocess, parameters: int) -> str:
    base = preprocess.base
    if base is None:
        return f"{parameters:,} parameters, trained from scratch"
    lora = config.lora
    kind = f"LoRA adapters of rank {lora.rank}" if lora.rank else "its own weights"
    return (
        f"{parameters:,} parameters were trained, {kind}, on {base.name} (configuration "
        f"`{base.config_sha256[:12]}`, weights `{base.weights_sha256[:12]}`), which has its own "
        "licence"
    )
