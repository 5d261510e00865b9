"""What a training run is told: one frozen struct for each section of the configuration file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gazekit.model.config import load_toml
from gazekit.model.errors import UsageError, did_you_mean

__all__ = [
    "DataConfig",
    "FitConfig",
    "LoraConfig",
    "LossConfig",
    "ModelConfig",
    "OptimConfig",
    "Part",
    "Ramp",
    "Schedules",
    "Stage",
    "TaskMix",
    "TrainConfig",
    "check_config",
    "load_config",
    "shipped_configs",
    "shipped_text",
]

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Natural = Annotated[int, msgspec.Meta(ge=0)]
_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Share = Annotated[float, msgspec.Meta(ge=0)]
_Unit = Annotated[float, msgspec.Meta(ge=0, le=1)]

_SHIPPED = Path(__file__).parent / "configs"


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common base: immutable, keyword-only, unknown keys refused."""


class DataConfig(_Section, frozen=True, kw_only=True):
    """Which readings, and how they are prepared.

    `gaze`: ``own`` supervises with the reading's own fixations, ``shuffled`` with another
    reading's (the control), ``none`` not at all. `gaze_share`: of how many images gaze is used,
    chosen by the seed; the others teach words alone. `cache`: folder for decoded images; the run
    folder where absent. `readings`: use the first so many readings of the train split.
    `images`: ``cache`` decodes all of a split once, ``parquet`` as they are needed, ``auto`` caches
    where the disk has room. `held_out`: what is measured on; ``train`` is for overfitting a few.
    """

    path: str | None = None
    cache: str | None = None
    gaze: Literal["own", "shuffled", "none"] = "own"
    gaze_share: _Unit = 1.0
    readings: _Count | None = None
    questions: str | None = None
    workers: _Natural = 0
    images: Literal["auto", "cache", "parquet"] = "auto"
    held_out: Literal["validation", "train"] = "validation"


class ModelConfig(_Section, frozen=True, kw_only=True):
    """Which model, and its shape.

    `backbone` ``embedded``: from scratch, of the shape below. ``hf``: a vision-language model of
    the Hugging Face library, of which `image_px`, `frame_px`, `text_tokens` and `heatmap_head` are
    heeded. `path`: its folder, or its id in the hub where a copy lies in the local cache; fetched
    only where `download` says so. `supervised_layers`: those whose attention is held against gaze,
    counted from 0; empty for the family's own choice. `base_dtype`: of the weights beside adapters,
    which are float32; without adapters all are. `patch`: side of what becomes one token of such a
    model, read from it.

    `stem`: channels of the convolutions before the last, each of which halves the picture; the
    side of a patch follows, and divides `image_px` and `frame_px`. `frame_px`: side of a key
    frame. `encoder_layers`: of attention among the patches; with none the stem alone encodes, which
    suits a small model that sees few steps. `coordinate_bins`: tokens along a side of the square.
    `heatmap_head`: a head that draws each sentence's map beside the attention. `encoder_weights`: a
    safetensors file, that of a checkpoint say, which image encoder and stem start from.
    """

    backbone: Literal["embedded", "hf"] = "embedded"
    path: str | None = None
    download: bool = False
    supervised_layers: tuple[_Natural, ...] = ()
    base_dtype: Literal["float32", "bfloat16"] = "float32"
    patch: _Count | None = None
    image_px: _Count = 96
    frame_px: _Count = 48
    stem: tuple[_Count, ...] = (24, 48)
    width: _Count = 96
    heads: _Count = 3
    encoder_layers: _Natural = 0
    decoder_layers: _Count = 2
    vocabulary: _Count = 1024
    text_tokens: _Count = 160
    coordinate_bins: _Count = 64
    heatmap_head: bool = False
    encoder_weights: str | None = None
    dropout: _Share = 0.0

    @property
    def patch_px(self) -> int:
        """Return the side of a patch, in pixels of the square."""
        return self.patch or int(2 ** (len(self.stem) + 1))

    @property
    def grid(self) -> int:
        """Return the patches along a side of the image."""
        return self.image_px // self.patch_px


class LoraConfig(_Section, frozen=True, kw_only=True):
    """Low-rank adapters of a model of the Hugging Face library; rank 0 trains its own weights.

    `targets`: the projections of the language model that get one. Supervised attention needs those
    of queries and keys.
    """

    rank: _Natural = 16
    alpha: _Positive = 32.0
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj")


class Ramp(_Section, frozen=True, kw_only=True):
    """When a loss counts: nothing before `start`, all of it `ramp` later; shares of the steps."""

    start: _Unit = 0.0
    ramp: _Unit = 0.0


class Schedules(_Section, frozen=True, kw_only=True):
    """The schedule of each loss beside the language loss."""

    attn_kl: Ramp = Ramp()
    attn_js: Ramp = Ramp()
    heatmap: Ramp = Ramp()
    gaze_tokens: Ramp = Ramp()
    boxes: Ramp = Ramp()
    order: Ramp = Ramp()
    answers: Ramp = Ramp()


class LossConfig(_Section, frozen=True, kw_only=True):
    """Weights of the losses beside the language loss, each with its own schedule.

    `attn_kl`, `attn_js`: attention against gaze. `heatmap`: of the heatmap head. `gaze_tokens`,
    `boxes`, `order`: the patch, coordinate and order tokens of the tasks' answers; `answers`: the
    words that answer questions, few among those of reports.
    `attn_rows`: what is held against the gaze: ``each`` text row of a sentence, or the
    ``mean`` of its rows. `sigma_patches`: least width of a fixation, in patches.
    """

    attn_kl: _Share = 2.0
    attn_js: _Share = 0.0
    heatmap: _Share = 0.0
    gaze_tokens: _Share = 1.0
    boxes: _Share = 1.0
    order: _Share = 1.0
    answers: _Share = 0.3
    attn_rows: Literal["each", "mean"] = "each"
    sigma_patches: _Share = 0.5
    schedule: Schedules = Schedules()


class TaskMix(_Section, frozen=True, kw_only=True):
    """How often each task is set, in any unit: shares are taken of their sum."""

    report: _Share = 0.0
    trajectory: _Share = 0.0
    finding: _Share = 0.0
    perception: _Share = 0.0
    scanpath: _Share = 0.0
    order_global: _Share = 0.0
    order_local: _Share = 0.0
    grounding: _Share = 0.0
    vqa: _Share = 0.0


class Stage(_Section, frozen=True, kw_only=True):
    """A stage of the curriculum: up to which share of the steps, and its mixture of tasks."""

    until: _Unit = 1.0
    tasks: TaskMix


Part = Literal["vision", "connector", "language", "adapters", "heads"]
"""The parts of a model, of which each may learn at a rate of its own, or not at all."""


class OptimConfig(_Section, frozen=True, kw_only=True):
    """AdamW with a linear warm-up, then a cosine down to `final_lr` of the peak.

    `lr`: the peak. `lr_vision`, ...: that of one part, where it is another: the image encoder, the
    layers between it and the language model, the language model, its LoRA adapters, the new heads.
    `frozen`: parts that do not learn; an image encoder with all that was put into it.
    """

    lr: _Positive = 3e-3
    lr_vision: _Positive | None = None
    lr_connector: _Positive | None = None
    lr_language: _Positive | None = None
    lr_adapters: _Positive | None = None
    lr_heads: _Positive | None = None
    frozen: tuple[Part, ...] = ()
    final_lr: _Share = 0.05
    warmup_steps: _Natural = 20
    weight_decay: _Share = 0.05
    beta2: _Positive = 0.98
    clip_norm: _Positive = 1.0


class FitConfig(_Section, frozen=True, kw_only=True):
    """How long, how often measured and saved, on what.

    `batch`: readings that a process sees at once; a step adds up `accumulate` of them, in every
    process. `ema`: decay of the mean of the weights that is measured and saved; 0 is the weights
    themselves. `precision` ``auto``: bfloat16 on a GPU that has it, else float32. `shard`
    ``fsdp``: each process of torchrun keeps its share of every weight, ``none``: all of them.
    `checkpointing`: compute the layers once more in the backward pass instead of keeping them.
    """

    steps: _Count = 300
    batch: _Count = 32
    accumulate: _Count = 1
    ema: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    shard: Literal["none", "fsdp"] = "none"
    checkpointing: bool = False
    tensorboard: bool = False
    seed: _Natural = 0
    log_every: _Count = 10
    eval_every: _Count = 50
    eval_readings: _Count = 256
    save_every: _Count = 100
    threads: _Count = 2


class TrainConfig(_Section, frozen=True, kw_only=True):
    """The whole configuration of a run; without a curriculum every sample is a report."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    lora: LoraConfig = LoraConfig()
    loss: LossConfig = LossConfig()
    optim: OptimConfig = OptimConfig()
    fit: FitConfig = FitConfig()
    curriculum: tuple[Stage, ...] = ()


def shipped_configs() -> list[str]:
    """List the names of the configurations that come with the package."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def load_config(name: str, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a configuration: a path, or the name of a shipped one such as ``nano``.

    Raises
    ------
    UsageError
        There is no such file or name, a key is unknown, or values do not fit together.
    """
    path = Path(name)
    if not path.is_file():
        path = _shipped(name)
    return check_config(load_toml(path, TrainConfig, overrides), where=name)


def shipped_text(name: str) -> str:
    """Return the text of a shipped configuration; errors as in `load_config`."""
    return _shipped(name).read_text("utf-8")


def _shipped(name: str) -> Path:
    shipped = shipped_configs()
    if name not in shipped:
        remedy = did_you_mean(name, shipped) or "give a path, or one of these names"
        raise UsageError(
            "no such configuration", where=name, expected=", ".join(shipped), remedy=remedy
        )
    return _SHIPPED / f"{name}.toml"


def check_config(config: TrainConfig, *, where: str) -> TrainConfig:
    """Return `config` when its values fit together, else raise UsageError."""
    _check_backbone(config, where)
    _check_model(config.model, where)
    if config.loss.heatmap > 0 and not config.model.heatmap_head:
        raise UsageError(
            "loss.heatmap needs the head", where=where, remedy="set model.heatmap_head = true"
        )
    _check_curriculum(config.curriculum, where)
    if config.fit.shard == "fsdp" and config.fit.ema:
        raise UsageError(
            "fit.ema keeps whole weights, fit.shard a share of them",
            where=where,
            remedy='set fit.ema = 0, or fit.shard = "none"',
        )
    if not config.optim.beta2 < 1:
        raise UsageError("optim.beta2 must be below 1", where=where, found=config.optim.beta2)
    return config


def _check_backbone(config: TrainConfig, where: str) -> None:
    """Raise UsageError where a key is of the other backbone than the one that is named."""
    model = config.model
    if model.backbone == "hf" and model.path is None:
        raise UsageError(
            "model.path must name a model's folder",
            where=where,
            remedy="give it with: --set model.path=FOLDER",
        )
    foreign = {
        "model.path": model.path is not None,
        "model.download": model.download,
        "model.supervised_layers": bool(model.supervised_layers),
        "model.patch": model.patch is not None,
        "lora": config.lora != LoraConfig(),
    }
    if model.backbone == "hf":
        foreign = {"model.encoder_weights": model.encoder_weights is not None}
    for key, said in foreign.items():
        if said:
            other = "embedded" if model.backbone == "hf" else "hf"
            raise UsageError(
                f"{key} is of the other backbone",
                where=where,
                found=f"model.backbone = {model.backbone}",
                remedy=f'leave it out, or set model.backbone = "{other}"',
            )


def _check_model(model: ModelConfig, where: str) -> None:
    if model.backbone == "hf":
        return  # what fits is told by the model itself
    if model.width % model.heads or (model.width // model.heads) % 2:
        raise UsageError(
            "model.width must be an even multiple of model.heads",
            where=where,
            found=f"width {model.width}, heads {model.heads}",
        )
    for name, side in (("image_px", model.image_px), ("frame_px", model.frame_px)):
        if side % model.patch_px:
            raise UsageError(
                f"model.{name} must be a multiple of {model.patch_px}", where=where, found=side
            )


def _check_curriculum(stages: Sequence[Stage], where: str) -> None:
    ends = [stage.until for stage in stages]
    if ends and (ends != sorted(set(ends)) or ends[-1] != 1):
        raise UsageError(
            "the stages of the curriculum must follow one another up to 1",
            where=f"{where}: curriculum.until",
            found=", ".join(map(str, ends)),
        )
    for number, stage in enumerate(stages):
        if not any(msgspec.structs.astuple(stage.tasks)):
            raise UsageError("a stage sets no task", where=f"{where}: curriculum[{number}].tasks")
