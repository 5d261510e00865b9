"""How does a model lie over the processes: whole in each, or of every weight a share in each?

::

    none   weights, gradients and AdamW's moments whole everywhere; gradients are added up (DDP)
    fsdp   a share of each everywhere (FSDP2); a layer's weights come together while it computes

What is saved is whole either way, so that a run may go on with another number of processes, or
without shares.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

__all__ = ["share_model", "share_optimiser_state", "whole", "whole_tensor"]


def share_model(model: nn.Module, device: torch.device, count: int) -> None:
    """Leave in this process its share of every weight, in place."""
    # Of the losses nothing is changed in place, which is what the warning is about.
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view tensor")
    mesh = init_device_mesh(device.type, (count,))
    for layer in _layers(model):
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)


def _layers(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers that transformers says are to stay in one piece.

    A model without such a word, as the embedded one, is one piece.
    """
    names: set[str] = set()
    for module in model.modules():
        names |= set(getattr(module, "_no_split_modules", None) or ())
    for module in model.modules():
        if isinstance(module, nn.ModuleList):
            yield from (child for child in module if type(child).__name__ in names)


def whole_tensor(value: Tensor) -> Tensor:
    """Return a tensor whole; every process must come here for one that is shared."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def whole(state: Any, *, keep: bool) -> Any:  # noqa: ANN401 - dictionaries and lists within
    """Return a state with whole tensors on the CPU, where some are shared; others as they are.

    Every process must come here, in step. `keep`: whether this one keeps what it gets, or lets go
    of each tensor at once.
    """
    if isinstance(state, dict):
        return {key: whole(value, keep=keep) for key, value in state.items()}
    if isinstance(state, list):
        return [whole(value, keep=keep) for value in state]
    if isinstance(state, DTensor):
        full = whole_tensor(state)
        return full.cpu() if keep else None
    return state


def share_optimiser_state(
    state: dict[str, Any], optimiser: torch.optim.Optimizer
) -> dict[str, Any]:
    """Return a whole optimiser's state in the shares of the parameters that it belongs to."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    shared = {
        index: {
            name: _shared(value, parameters[index]) if isinstance(value, Tensor) else value
            for name, value in values.items()
        }
        for index, values in state["state"].items()
    }
    return {**state, "state": shared}


def _shared(value: Tensor, like: Tensor) -> Tensor:
    if not isinstance(like, DTensor) or value.shape != like.shape:
        return value
    return distribute_tensor(value.to(like.device), like.device_mesh, like.placements)
