"""Is watched attention what eager attention is, in value and gradient, in each family?"""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from torch import Tensor

from gazekit.model.errors import UsageError
from tests.unit.trainer.tiny_families import NAMES, Sample, sample, tiny_model
from trainer.backbones.hf_attention import supervise, watching
from trainer.sharding import share_model, whole_tensor

Grads = dict[str, Tensor]


@cache
def _built(family: str) -> Any:
    model = tiny_model(family)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                parameter.mul_(10)  # as sharp as trained attention, not all but even
    return model


def _model(family: str) -> Any:
    return deepcopy(_built(family))


def _sample(model: Any, *, left: bool = False) -> Sample:
    torch.manual_seed(1)
    made = sample(model.config, [9, 6], left=left)
    pixels = made.inputs["pixel_values"].to(next(model.parameters()).dtype)
    return Sample({**made.inputs, "pixel_values": pixels}, made.rows, made.keys)


def _loss(maps: Tensor, mass: Tensor) -> Tensor:
    """Return a divergence from some gaze, and something of the mass."""
    gaze = torch.linspace(1, 2, maps.shape[2], dtype=maps.dtype)
    return -(gaze / gaze.sum() * maps.log()).sum(dim=2).mean() + mass.log().mean()


def _grads(model: Any) -> Grads:
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def _supervised(model: Any, asked: Sample) -> tuple[Tensor, Tensor]:
    with watching(model, rows=asked.rows, keys=asked.keys) as watch:
        model(**asked.inputs, use_cache=False)
    return watch.maps(), watch.mass()


def _eager(model: Any, asked: Sample, layers: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return the same from attention that is kept whole."""
    model.set_attn_implementation("eager")
    out = model.model(**asked.inputs, use_cache=False, output_attentions=True)
    mean = torch.stack([out.attentions[layer] for layer in layers]).mean(dim=(0, 2))
    batch = torch.arange(len(mean))[:, None, None]
    raw = mean[batch, asked.rows[..., None], asked.keys[:, None]]
    mass = raw.sum(dim=2)
    return raw / mass[..., None], mass


def _same(ours: Grads, theirs: Grads) -> None:
    """Let what has no gradient there have none here, or zeros."""
    assert theirs.keys() <= ours.keys()
    for name, grad in ours.items():
        other = theirs.get(name, torch.zeros_like(grad))
        assert torch.allclose(grad, other, rtol=1e-6, atol=1e-6), name


@pytest.mark.parametrize("family", NAMES)
def test_maps_are_those_of_eager_attention(family: str) -> None:
    model, eager = _model(family), _model(family)
    asked, layers = _sample(model), supervise(model)
    with torch.no_grad():
        found, theirs = _supervised(model, asked), _eager(eager, asked, layers)
    assert found[0].dtype == found[1].dtype == torch.float32
    assert found[0].max() > 1.5 / found[0].shape[2]  # rows look somewhere
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("left", [False, True], ids=["right", "left"])
@pytest.mark.parametrize("family", NAMES)
def test_gradients_are_those_of_eager_attention(
    family: str,
    left: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, eager = _model(family).double(), _model(family).double()
    asked, layers = _sample(model, left=left), supervise(model)
    found = _supervised(model, asked)
    # Eager attention rounds its softmax to float32: here it must not, to be compared to 1e-6.
    softmax = torch.softmax
    monkeypatch.setattr(torch.nn.functional, "softmax", lambda x, dim, **_: softmax(x, dim))
    theirs = _eager(eager, asked, layers)
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-6)
    _loss(*found).backward()
    _loss(*theirs).backward()
    _same(_grads(model), _grads(eager))
    assert all(_grads(model)[name].abs().max() > 1e-3 for name in _attending(model, layers[-1]))


def _attending(model: Any, layer: int) -> list[str]:
    names = [name for name, _ in model.named_parameters()]
    ends = tuple(f"language_model.layers.{layer}.self_attn.{x}_proj.weight" for x in "qk")
    return [name for name in names if name.endswith(ends)]


@pytest.mark.parametrize("family", NAMES)
def test_supervised_model_says_what_it_said_before(family: str) -> None:
    model = _model(family).eval()
    asked = _sample(model)
    with torch.no_grad():
        before = model(**asked.inputs).logits
        supervise(model)
        with watching(model, rows=asked.rows, keys=asked.keys):
            after = model(**asked.inputs).logits
    torch.testing.assert_close(after, before, rtol=0, atol=0)


def _compute_again(model: Any, *, reentrant: bool) -> None:
    """Let layers be computed again in backward; the library gave this a new name."""
    new = getattr(model, "activation_checkpointing_enable", None)
    (new or model.gradient_checkpointing_enable)({"use_reentrant": reentrant})


@pytest.mark.parametrize("family", NAMES)
def test_layers_computed_again_in_backward_learn_the_same(family: str) -> None:
    model, again = _model(family).train(), _model(family).train()
    asked = _sample(model)
    supervise(model)
    supervise(again)
    _compute_again(again, reentrant=False)
    for one in (model, again):
        _loss(*_supervised(one, asked)).backward()  # the watch is over when backward begins
    _same(_grads(again), _grads(model))


def test_two_passes_before_their_backward_keep_apart_when_computed_again() -> None:
    model, again = _model("qwen2_vl").train(), _model("qwen2_vl").train()
    asked = [_sample(model), _sample(model, left=True)]
    for one in (model, again):
        supervise(one)
    _compute_again(again, reentrant=False)
    for one in (model, again):
        losses = [_loss(*_supervised(one, each)) for each in asked]
        sum(losses, torch.zeros(())).backward()
    _same(_grads(again), _grads(model))


def test_computing_again_in_the_way_without_gradients_is_refused() -> None:
    model = _model("qwen2_vl").train()
    asked = _sample(model)
    supervise(model)
    _compute_again(model, reentrant=True)
    model.enable_input_require_grads()
    with pytest.raises(RuntimeError, match="use_reentrant"):
        _supervised(model, asked)


@pytest.mark.parametrize("family", NAMES)
def test_maps_are_float32_in_bfloat16(family: str) -> None:
    model, eager = _model(family).bfloat16(), _model(family).bfloat16()
    asked, layers = _sample(model), supervise(model)
    maps, mass = _supervised(model, asked)
    theirs = _eager(eager, asked, layers)[0].float()
    assert maps.dtype == mass.dtype == torch.float32
    torch.testing.assert_close(maps.sum(dim=2), torch.ones_like(mass))
    torch.testing.assert_close(maps, theirs, rtol=0.1, atol=0.02)
    _loss(maps, mass).backward()
    assert all(_grads(model)[name].isfinite().all() for name in _attending(model, layers[-1]))


def test_maps_are_float32_under_autocast() -> None:
    model = _model("qwen2_vl").float()
    asked, layers = _sample(model), supervise(model)
    exact = _supervised(model, asked)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps, mass = _supervised(model, asked)
    _loss(maps, mass).backward()
    assert maps.dtype == torch.float32
    torch.testing.assert_close(maps, exact, rtol=0.1, atol=0.02)
    assert all(_grads(model)[name].abs().max() > 1e-4 for name in _attending(model, layers[-1]))


@pytest.mark.parametrize("family", NAMES)
def test_decoding_from_a_cache_is_not_watched(family: str) -> None:
    model = _model(family).eval()
    asked = _sample(model, left=True)
    settings: dict[str, Any] = {"max_new_tokens": 5, "do_sample": False}
    with torch.no_grad():
        before = model.generate(**asked.inputs, **settings)
        supervise(model)
        maps = _supervised(model, asked)[0]
        with watching(model, rows=asked.rows, keys=asked.keys) as watch:
            after = model.generate(**asked.inputs, **settings)
    assert torch.equal(before, after)
    assert watch.maps().shape == maps.shape


@pytest.mark.parametrize("family", ["gemma3", "paligemma"])
def test_tokens_of_a_picture_see_those_after_them(family: str) -> None:
    model, eager = _model(family), _model(family)
    asked = _sample(model)
    asked = Sample(asked.inputs, asked.keys, asked.keys)
    layers = supervise(model)
    maps, mass = _supervised(model, asked)
    torch.testing.assert_close((maps, mass), _eager(eager, asked, layers), rtol=0, atol=1e-6)
    assert maps[:, 0, 1:].min() > 0


def test_layers_that_see_a_window_are_not_chosen_and_refused() -> None:
    model = _model("gemma3")
    assert supervise(model) == (1, 3)
    with pytest.raises(UsageError, match=r"window .*expected 1, 3, found 2"):
        supervise(model, [1, 2])


def test_picture_beyond_the_window_of_other_layers_is_seen() -> None:
    model = _model("gemma3")
    asked = _sample(model)
    assert (asked.rows.min() - asked.keys.max()) < model.config.text_config.sliding_window
    assert (asked.rows.min() - asked.keys.min()) > model.config.text_config.sliding_window
    supervise(model)
    maps, _ = _supervised(model, asked)
    assert maps.min() > 0


def test_shared_weights_learn_the_same(tmp_path: Path) -> None:
    model, shared = _model("gemma3").train(), _model("gemma3").train()
    asked = _sample(model)
    supervise(model)
    supervise(shared)
    _compute_again(shared, reentrant=False)
    store = f"file://{tmp_path / 'store'}"
    torch.distributed.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        share_model(shared, torch.device("cpu"), 1)
        for one in (model, shared):
            _loss(*_supervised(one, asked)).backward()
        whole = {name: whole_tensor(grad) for name, grad in _grads(shared).items()}
    finally:
        torch.distributed.destroy_process_group()
    _same(whole, _grads(model))


def test_watch_without_a_pass_has_no_maps() -> None:
    model = _model("qwen2_vl")
    asked = _sample(model)
    supervise(model)
    with watching(model, rows=asked.rows, keys=asked.keys) as watch:
        pass
    model.model(**asked.inputs)
    with pytest.raises(RuntimeError, match="no supervised layer"):
        watch.maps()


def test_layers_that_are_not_there_are_refused() -> None:
    model = _model("qwen2_vl")
    with pytest.raises(UsageError, match=r"no such layer \(expected 0 to 3, found 4\)"):
        supervise(model, [1, 4])


def test_chosen_layers_alone_are_watched() -> None:
    model, eager = _model("qwen2_vl"), _model("qwen2_vl")
    asked = _sample(model)
    assert supervise(model) == (2, 3)
    assert supervise(model, [1]) == (1,)
    theirs = _eager(eager, asked, (1,))
    torch.testing.assert_close(_supervised(model, asked), theirs, rtol=1e-6, atol=1e-6)


def test_saved_model_does_not_ask_for_our_attention(tmp_path: Path) -> None:
    model = _model("qwen2_vl")
    supervise(model)
    model.save_pretrained(tmp_path)
    assert "gazekit" not in (tmp_path / "config.json").read_text("utf-8")
