"""How do training squares become the pixel values of a family, and how many tokens is each?

What the family's own PIL processor would do, on tensors: pictures come in the right size already,
so that nothing is resized, and on a GPU nothing leaves it.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gazekit.model.errors import UsageError
from gazekit.model.layout_runs import ModelLayout

__all__ = ["PictureShape", "picture_shape"]


@dataclass(frozen=True)
class PictureShape:
    """What a family asks of a picture.

    `side_px`: side of what becomes one token. `fixed_px`: the only size that is taken; None where
    any multiple of `side_px` is. `patch_px`, `merge`: of families that take patches in a row,
    `merge` x `merge` of them a token; 0 for those that take a picture as it is. `copies`: of each
    patch, as moments of a film.
    """

    side_px: int
    fixed_px: int | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float
    patch_px: int = 0
    merge: int = 1
    copies: int = 1

    def tokens(self, size_px: int) -> int:
        """Return the tokens of a square picture."""
        return int((size_px // self.side_px) ** 2)

    def nearest(self, size_px: int) -> int:
        """Return the side nearest to `size_px` that is taken."""
        return self.fixed_px or max(1, round(size_px / self.side_px)) * self.side_px

    def check(self, key: str, size_px: int) -> None:
        """Raise UsageError where a square of `size_px` is not taken."""
        if self.fixed_px is not None and size_px != self.fixed_px:
            raise UsageError(
                f"{key} must be {self.fixed_px}: this model takes no other size",
                where="[model]",
                found=size_px,
                remedy=f"--set {key}={self.nearest(size_px)}",
            )
        if size_px % self.side_px:
            raise UsageError(
                f"{key} must be a multiple of {self.side_px}",
                where="[model]",
                found=size_px,
                remedy=f"--set {key}={self.nearest(size_px)}",
            )

    def values(self, pictures: Tensor) -> Tensor:
        """Return pixel values.

        Parameters
        ----------
        pictures
            uint8, shape (n, 1, size, size), grey.

        Returns
        -------
        Tensor
            float32, shape (n, 3, size, size); or (n, patches, 3 * copies * patch * patch), the
            patches of a token beside each other.
        """
        mean, std = (
            torch.tensor(one, device=pictures.device)[None, :, None, None]
            for one in (self.mean, self.std)
        )
        x = (pictures.float() * self.scale).expand(-1, 3, -1, -1)
        x = (x - mean) / std
        if not self.patch_px:
            return x
        tokens = x.shape[-1] // self.side_px
        x = x.reshape(-1, 3, *(tokens, self.merge, self.patch_px) * 2)
        x = x.permute(0, 2, 5, 3, 6, 1, 4, 7)  # (n, row, column, in token: 2, colour, in patch: 2)
        x = x.unsqueeze(6).expand(*[-1] * 6, self.copies, -1, -1)
        return x.flatten(6).flatten(5).flatten(1, 4)

    def grid(self, size_px: int) -> tuple[int, int, int]:
        """Return moments, rows and columns of patches of a picture."""
        side = size_px // self.patch_px
        return 1, side, side


def picture_shape(folder: ModelLayout, settings: dict[str, Any]) -> PictureShape:
    """Read what a model asks of a picture: from its processor, and from its own configuration."""
    from transformers import AutoImageProcessor

    processor: Any = AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]
        folder.root, local_files_only=True, backend="pil"
    )
    vision = settings.get("vision_config", {})
    merge = int(getattr(processor, "merge_size", 0) or 0)
    if merge:
        patch = int(processor.patch_size)
        return PictureShape(
            patch * merge,
            None,
            *_scaling(processor),
            patch_px=patch,
            merge=merge,
            copies=int(processor.temporal_patch_size),
        )
    size = int(vision["image_size"])
    pooled = settings.get("mm_tokens_per_image")
    side = size // int(pooled**0.5) if pooled else int(vision["patch_size"])
    return PictureShape(side, size, *_scaling(processor))


def _scaling(
    processor: Any,  # noqa: ANN401 - one of many classes
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    mean = tuple(map(float, processor.image_mean)) if processor.do_normalize else (0.0,) * 3
    std = tuple(map(float, processor.image_std)) if processor.do_normalize else (1.0,) * 3
    return mean, std, float(processor.rescale_factor) if processor.do_rescale else 1.0
