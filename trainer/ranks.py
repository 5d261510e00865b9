"""Which process of how many is this? One alone, or those that torchrun started."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gazekit.model.errors import UnfitError

__all__ = ["Ranks", "joined"]

_AT_ONCE = 64 * 1024**2
"""Numbers in one exchange of gradients: a quarter of a GiB."""


@dataclass(frozen=True)
class Ranks:
    """The place of this process; every exchange is free of cost when it is alone.

    `shared`: whether each process keeps a share of every weight, see `trainer.sharding`.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    shared: bool = False

    @property
    def first(self) -> bool:
        """Whether this process writes what is written once."""
        return self.rank == 0

    def sums(self, values: dict[str, float]) -> dict[str, float]:
        """Add up numbers over the processes; each gives the same names."""
        if self.count == 1:
            return values
        names = sorted(values)
        numbers = torch.tensor([values[name] for name in names], dtype=torch.float64)
        numbers = self._added(numbers.to(self.device))
        return dict(zip(names, numbers.tolist(), strict=True))

    def any(self, value: bool) -> bool:  # noqa: FBT001 - the value is what it is about
        """Say whether it is so in any process."""
        return value if self.count == 1 else self.sums({"": float(value)})[""] > 0

    @property
    def gradient_scale(self) -> int:
        """Return by what a loss is multiplied: shared gradients are averaged, not added up."""
        return self.count if self.shared else 1

    def sum_gradients(self, model: nn.Module) -> None:
        """Add up the gradients over the processes, in few exchanges.

        The losses were divided by their amounts in all processes, so the sum is the gradient.
        Shared gradients have been exchanged in the backward pass.
        """
        if self.count == 1 or self.shared:
            return
        for parameters in _bundles([p for p in model.parameters() if p.requires_grad]):
            flat = torch.cat(
                [(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters]
            )
            self._added(flat)
            for parameter, part in zip(
                parameters, flat.split([p.numel() for p in parameters]), strict=True
            ):
                parameter.grad = part.view_as(parameter)

    def stacked(self, value: Tensor) -> Tensor:
        """Return the tensor of every process, in order, along a new first dimension."""
        if self.count == 1:
            return value[None]
        mine = value.to(self.device)
        parts = [torch.empty_like(mine) for _ in range(self.count)]
        dist.all_gather(parts, mine)
        return torch.stack(parts).cpu()

    def wait(self) -> None:
        """Go on when every process has come here."""
        if self.count > 1:
            dist.barrier()

    def _added(self, tensor: Tensor) -> Tensor:
        dist.all_reduce(tensor)
        return tensor


def _bundles(parameters: Sequence[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    """Yield parameters of one type, as many as are exchanged at once."""
    bundle: list[nn.Parameter] = []
    size = 0
    for parameter in parameters:
        if bundle and (size + parameter.numel() > _AT_ONCE or parameter.dtype != bundle[0].dtype):
            yield bundle
            bundle, size = [], 0
        bundle.append(parameter)
        size += parameter.numel()
    if bundle:
        yield bundle


@contextmanager
def joined(device: torch.device, *, shared: bool = False) -> Iterator[Ranks]:
    """Join the processes that torchrun started, where it did; leave them at the end.

    `shared`: each is to keep a share of every weight; one process alone keeps them all.

    Raises
    ------
    UnfitError
        torchrun's addresses are there, and the processes do not find each other.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Ranks(device=device)
        return
    backend = "nccl" if device.type == "cuda" else "gloo"
    try:
        dist.init_process_group(backend)
    except (ValueError, RuntimeError) as error:
        raise UnfitError(
            f"the processes do not find each other: {str(error).splitlines()[0]}",
            where="torchrun",
            remedy="start them with: torchrun --nproc-per-node N -m trainer fit ...",
        ) from error
    try:
        yield Ranks(dist.get_rank(), count, device, shared)
    finally:
        dist.destroy_process_group()
