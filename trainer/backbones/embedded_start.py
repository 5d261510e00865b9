"""How does an image encoder start from weights that are there? From a safetensors file."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import interpolate

from gazekit.model.errors import DataError, UsageError
from trainer.backbones.embedded import EmbeddedModel

__all__ = ["start_encoder"]

_PARTS = ("stem.", "encoder.", "memory_norm.", "row", "column")
_REMEDY = "give the model.safetensors of a checkpoint with the same model.width, stem and layers"


def start_encoder(model: EmbeddedModel, path: Path) -> int:
    """Put the weights of stem and image encoder into `model`; return how many arrays it took.

    A grid of another side is stretched: the same model at another `image_px`. The decoder keeps
    its own weights, and the file may lack it.

    Raises
    ------
    UsageError
        There is no such file.
    DataError
        It is not a safetensors file, or holds another encoder.
    """
    if not path.is_file():
        raise UsageError("no such file", where=f"model.encoder_weights: {path.name}")
    try:
        given = load_file(path)
    except (SafetensorError, OSError) as error:
        raise DataError(
            f"the weights cannot be read: {str(error).splitlines()[0]}",
            where=path.name,
            expected="a safetensors file",
        ) from error
    own = {name: value for name, value in model.state_dict().items() if name.startswith(_PARTS)}
    with torch.no_grad():
        for name, value in own.items():
            if name not in given:
                raise DataError(f"the weights lack {name}", where=path.name, remedy=_REMEDY)
            value.copy_(_fitting(given[name], value, name, path))
    return len(own)


def _fitting(given: Tensor, own: Tensor, name: str, path: Path) -> Tensor:
    if name in {"row", "column"} and given.shape[-1] == own.shape[-1]:
        line = given.reshape(1, -1, given.shape[-1]).transpose(1, 2)
        side = max(own.shape[:2])
        return interpolate(line, size=side, mode="linear").transpose(1, 2).reshape(own.shape)
    if given.shape != own.shape:
        raise DataError(
            f"the weights {name} have another shape",
            where=path.name,
            expected=tuple(own.shape),
            found=tuple(given.shape),
            remedy=_REMEDY,
        )
    return given
