"""On what does a run compute, and how precisely?"""

import os

import torch

from gazekit.model.errors import UnfitError
from trainer.config import FitConfig

__all__ = ["autocast", "choose_device", "reading_device", "takes_bfloat16"]


def choose_device(config: FitConfig) -> torch.device:
    """Return the device of this process; under torchrun each has a GPU of its own.

    Raises
    ------
    UnfitError
        A GPU is asked for, and torch sees none.
    """
    present = torch.cuda.is_available()
    if config.device == "cuda" and not present:
        raise UnfitError(
            "torch sees no GPU",
            where="fit.device",
            found=f"torch {torch.__version__}",
            remedy="see trainer doctor, or say: --set fit.device=cpu",
        )
    if config.device == "cpu" or not present:
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    return device


def reading_device(config: FitConfig) -> torch.device:
    """Return where a trained model reads images: a GPU where there is one, wherever it learnt."""
    if config.device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())


def takes_bfloat16(config: FitConfig, device: torch.device) -> bool:
    """Say whether matrix products are made in bfloat16; weights and losses stay float32."""
    if config.precision == "auto":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    return config.precision == "bfloat16"


def autocast(config: FitConfig, device: torch.device) -> torch.autocast:
    """Return the context in which the model runs."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=takes_bfloat16(config, device))
