"""Which layers compute once more in the backward pass, so that less is kept until then?"""

from torch import nn

from gazekit.model.errors import UsageError

__all__ = ["recompute_layers"]


def recompute_layers(model: nn.Module) -> None:
    """Keep of each layer of a transformers model its input alone (gradient checkpointing).

    Raises
    ------
    UsageError
        The model has no such layers.
    """
    for module in model.modules():
        enable = getattr(module, "gradient_checkpointing_enable", None)
        if enable is not None:
            # The other kind gives no gradient where the input of a layer needs none: LoRA.
            enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            return
    raise UsageError(
        "the embedded model keeps what it computes",
        where="fit.checkpointing",
        remedy='set fit.checkpointing = false, or model.backbone = "hf"',
    )
