"""Can a model of the Hugging Face library be trained here? One finding a check, in a run's words.

The checks are what a run does before it reads weights, one after another up to the first that
fails: the next ones take what it would have given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gazekit.model.errors import GazekitError, UnfitError
from gazekit.model.layout_runs import ModelLayout
from trainer.config import TrainConfig, load_config, shipped_configs
from trainer.doctor import Finding, faulty, green
from trainer.environment import require_hf

if TYPE_CHECKING:
    from trainer.backbones.hf_pictures import PictureShape

__all__ = ["examine_model"]

_RECIPE = "gazex_qwen2vl"
"""The configuration by which a folder that is named without one would be trained."""


def examine_model(named: str, overrides: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield the findings on a model: folder, family, words, pictures, adapters and memory.

    Parameters
    ----------
    named
        A configuration; or a model's folder or hub id, which is then examined under the
        configuration ``gazex_qwen2vl``, in the sizes of pictures that it takes.
    overrides
        Settings, as of `trainer fit`.
    """
    try:
        yield from _findings(_Asked(named, overrides))
    except GazekitError as problem:
        yield faulty(problem)


@dataclass(frozen=True)
class _Asked:
    named: str
    overrides: Sequence[str]

    @property
    def by_folder(self) -> bool:
        return not (Path(self.named).is_file() or self.named in shipped_configs())

    def config(self) -> TrainConfig:
        return self._recipe() if self.by_folder else load_config(self.named, self.overrides)

    def sized(self, config: TrainConfig, shape: "PictureShape") -> TrainConfig:
        """Return a configuration with pictures that the model takes, where none was named."""
        if not self.by_folder:
            return config
        sizes = {"image_px": config.model.image_px, "frame_px": config.model.frame_px}
        return self._recipe(*(f"model.{key}={shape.nearest(px)}" for key, px in sizes.items()))

    def _recipe(self, *settings: str) -> TrainConfig:
        path = f"model.path={msgspec.json.encode(self.named).decode()}"
        return load_config(_RECIPE, [path, *settings, *self.overrides])


def _findings(asked: _Asked) -> Iterator[Finding]:
    config = asked.config()
    if config.model.backbone == "embedded":
        yield green("model", "embedded: trained from scratch, takes no other")
        return
    try:
        require_hf(lora=config.lora.rank > 0)
    except UnfitError:
        return  # what does not fit has a finding among the packages
    from trainer.backbones.hf_base import family_config, model_folder
    from trainer.backbones.hf_families import family_of
    from trainer.backbones.hf_open import open_words, settled, shape_of

    folder = model_folder(config.model)
    size = sum(path.stat().st_size for path in folder.weights())
    yield green(
        "folder",
        f"{folder.root.name}, {len(folder.weights())} files of weights, {size / 1e9:.1f} GB",
    )
    family = family_of(family_config(folder))
    yield green("family", f"{family.name}, places as {family.convention}")
    template = ", a chat template" if family.talks else ""
    yield green("words", f"{len(open_words(folder)):,} tokens{template}")
    config = asked.sized(config, shape_of(folder))
    model = settled(config.model, folder)
    seen = f"images {model.image_px} px, {model.grid} x {model.grid} tokens"
    yield green("pictures", f"{seen}; key frames {model.frame_px} px")
    yield _memory(folder, msgspec.structs.replace(config, model=model))


def _memory(folder: ModelLayout, config: TrainConfig) -> Finding:
    from trainer.backbones.hf_open import empty_model, shape_of
    from trainer.device import choose_device
    from trainer.memory import memory_of, memory_problem, room_of

    device = choose_device(config.fit)
    need = memory_of(empty_model(folder, config), config, shape_of(folder), device)
    room = room_of(device)
    problem = memory_problem(need, config, room)
    if problem is not None:
        return faulty(problem, red=need.fixed > (room or 0))
    return green("memory", f"{need}" + ("" if room is None else f"; there are {room / 1e9:.0f} GB"))
