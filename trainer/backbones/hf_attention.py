"""Where do chosen rows of a model of the Hugging Face library look, and how is that supervised?

::

    supervise(model, layers)                   once: SDPA as ever, and chosen layers can be watched
    with watching(model, rows=, keys=) as w:   in each pass
        model(...)                             SDPA for all rows, in every layer
    w.maps()                                   softmax over ALL keys that a row sees, of rows alone

The T x T matrix never exists: for the watched rows alone, q k' is computed a second time from what
the attention function was given, so that positions, adapters, masks and shards are as the model
has them; and a third time in backward, instead of keeping (heads, rows, T) numbers. The watch goes
along with the layers' arguments: layers that are computed once more in backward find it there,
whenever that is.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, final

import torch
from torch import Tensor, nn

from gazekit.model.errors import UsageError
from trainer.backbones.hf_rows import Asked, attention_of_rows

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["Watch", "supervise", "watching"]

_NAME = "gazekit_sdpa"
_WATCH = "gazekit_watch"
_SUPERVISED = "gazekit_supervised"
_DEFAULT_LAYERS = 2


@final
class Watch:
    """The attention of some rows to some keys, of one pass; made by `watching`."""

    def __init__(self, decoder: nn.Module, rows: Tensor, keys: Tensor) -> None:
        self._decoder, self._rows, self._keys = decoder, rows, keys
        self._hooks: list[Any] = []
        self._learns = False
        self._of_layers: list[Tensor] = []
        self._found: Tensor | None = None

    def __enter__(self) -> "Watch":
        begin = self._decoder.register_forward_pre_hook(self._hand_over, with_kwargs=True)
        self._hooks = [begin, self._decoder.register_forward_hook(self._close)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for hook in self._hooks:
            hook.remove()

    def maps(self) -> Tensor:
        """Return where each row looks among the keys.

        Returns
        -------
        Tensor
            float32, shape (batch, rows, keys), of heads and supervised layers the mean; each row
            sums to 1 over the keys. Of a model in float64, float64.
        """
        raw = self._raw()
        return raw / raw.sum(dim=2, keepdim=True).clamp(min=torch.finfo(raw.dtype).tiny)

    def mass(self) -> Tensor:
        """Return how much of its attention each row gives to the keys, shape (batch, rows)."""
        return self._raw().sum(dim=2)

    def note(
        self,
        module: nn.Module,
        query: Tensor,
        key: Tensor,
        mask: Tensor | None,
        **told: Any,  # noqa: ANN401 - what else the attention function was given
    ) -> None:
        """Take in what the attention function of a supervised layer was given.

        Raises
        ------
        RuntimeError
            Layers are computed again in backward in the way that has no gradient here.
        """
        if self._learns and not torch.is_grad_enabled():
            raise RuntimeError("attention cannot be supervised with use_reentrant=True")
        causal, scale = told.get("is_causal"), told.get("scaling")
        asked = Asked(
            rows=self._rows.to(query.device),
            keys=self._keys.to(query.device),
            mask=mask,
            causal=bool(getattr(module, "is_causal", True) if causal is None else causal),
            scale=query.shape[3] ** -0.5 if scale is None else float(scale),
        )
        found = attention_of_rows(query, key, asked)
        if self._found is None:  # else backward computes the layer again: of it only this is asked
            self._of_layers.append(found)

    def _raw(self) -> Tensor:
        if self._found is None:
            raise RuntimeError("no supervised layer was computed in one piece under this watch")
        return self._found

    def _hand_over(
        self, decoder: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        del decoder
        self._learns = torch.is_grad_enabled()
        return args, {**kwargs, _WATCH: self}

    def _close(self, decoder: nn.Module, args: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401
        """Take the mean over layers; of the first pass, where there are several."""
        del decoder, args
        if self._found is None and self._of_layers:
            mean = torch.stack(self._of_layers).mean(dim=0)
            tied: Any = _Tied.apply
            self._found = tied(mean, output[0]) if mean.requires_grad else mean
            self._of_layers = []


class _Tied(torch.autograd.Function):
    """A tensor as it is, whose gradient comes by way of the last hidden states too, as zeros.

    Weights that lie in shares come together when a gradient reaches the end of their layer, and a
    loss of attention alone would enter layers in the middle.
    """

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, hidden: Tensor) -> Tensor:  # noqa: ANN401 - torch's own
        """Return the tensor."""
        ctx.like = hidden.new_empty(()).expand(hidden.shape)
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401 - torch's own
        """Return its gradient, and zeros."""
        return grads[0], torch.zeros_like(ctx.like, memory_format=torch.contiguous_format)


def supervise(model: "PreTrainedModel", layers: Sequence[int] | None = None) -> tuple[int, ...]:
    """Give a model the attention that can be watched, in some layers of its language model.

    Parameters
    ----------
    layers
        From 0. By default the two layers nearest to three quarters of the depth that see the whole
        sequence: deep enough that tokens of the image are about what is seen there, and not the
        last ones, which are about the form of the next word.

    Returns
    -------
    tuple of int
        The layers.

    Raises
    ------
    UsageError
        There is no such layer, or it sees but a window of the sequence.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    chosen = _chosen(model, layers)
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    model.set_attn_implementation(_NAME)
    for number, layer in enumerate(_layers(model)):
        setattr(layer.self_attn, _SUPERVISED, number in chosen)
    return chosen


def watching(model: "PreTrainedModel", *, rows: Tensor, keys: Tensor) -> Watch:
    """Return a context in which the supervised layers of a model are watched for one pass.

    Its maps can be asked for, and learnt from, afterwards too. A pass that goes on from a cache is
    not watched.

    Parameters
    ----------
    rows, keys
        int64, shapes (batch, rows) and (batch, keys): places in the sequences.
    """
    return Watch(_decoder(model), rows, keys)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **settings: Any,  # noqa: ANN401 - passed on
) -> tuple[Tensor, None]:
    """Compute attention as the library does, and let a watch note a supervised layer."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    watch: Watch | None = settings.pop(_WATCH, None)
    whole = query.shape[2] == key.shape[2]
    if watch is not None and whole and getattr(module, _SUPERVISED, False):
        watch.note(module, query, key, attention_mask, **settings)
    found: tuple[Tensor, None] = sdpa_attention_forward(
        module, query, key, value, attention_mask, **settings
    )
    return found


def _chosen(model: "PreTrainedModel", layers: Sequence[int] | None) -> tuple[int, ...]:
    count, seeing_all = len(_layers(model)), _seeing_all(model)
    if not layers:
        deep = sorted(seeing_all, key=lambda layer: (abs(layer - 3 * count // 4), layer))
        return tuple(sorted(deep[:_DEFAULT_LAYERS]))
    for layer in layers:
        if layer not in seeing_all:
            there = 0 <= layer < count
            raise UsageError(
                "this layer sees but a window of the sequence, not the whole image"
                if there
                else "the language model has no such layer",
                where="model.supervised_layers",
                expected=", ".join(map(str, seeing_all)) if there else f"0 to {count - 1}",
                found=layer,
            )
    return tuple(sorted(set(layers)))


def _seeing_all(model: "PreTrainedModel") -> list[int]:
    """Return the layers that have no sliding window."""
    count = len(_layers(model))
    kinds = getattr(model.config.get_text_config(), "layer_types", None)
    kinds = kinds or ["full_attention"] * count
    return [layer for layer, kind in enumerate(kinds) if kind == "full_attention"]


def _decoder(model: "PreTrainedModel") -> nn.Module:
    """Return the language model, without its head."""
    decoder: nn.Module = model.get_submodule("model.language_model")
    return decoder


def _layers(model: "PreTrainedModel") -> Any:  # noqa: ANN401 - the library's own
    return _decoder(model).layers
