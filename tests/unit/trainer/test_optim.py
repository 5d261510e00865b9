"""Does the rate warm up and fall along a cosine, each part at its own, frozen parts not at all?"""

import pytest
import torch
from torch import nn

from gazekit.model.errors import UsageError
from trainer.config import OptimConfig
from trainer.optim import adamw, freeze, learning_rate, part_of, set_rate

CONFIG = OptimConfig(lr=1.0, final_lr=0.1, warmup_steps=10)

NAMES = {
    "model.visual.blocks.0.attn.qkv.weight": "vision",
    "model.visual.merger.mlp.0.weight": "connector",
    "model.vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight": "vision",
    "model.multi_modal_projector.linear_1.weight": "connector",
    "model.language_model.layers.0.self_attn.q_proj.weight": "language",
    "lm_head.weight": "language",
    "base_model.model.language_model.layers.0.self_attn.q_proj.lora_A.default.weight": "adapters",
    "model.vision_tower.layers.0.self_attn.q_proj.lora_B.default.weight": "adapters",
    "stem.0.weight": "vision",
    "decoder.0.mlp.0.weight": "language",
    "drawn.weight": "heads",
}


def test_the_schedule_by_hand() -> None:
    assert learning_rate(0, 110, CONFIG) == pytest.approx(0.1)
    assert learning_rate(9, 110, CONFIG) == pytest.approx(1)
    assert learning_rate(60, 110, CONFIG) == pytest.approx(0.55)
    assert learning_rate(110, 110, CONFIG) == pytest.approx(0.1)


def test_biases_and_norms_do_not_decay() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2))
    matrices, vectors = adamw(model, CONFIG).param_groups
    assert [p.dim() for p in matrices["params"]] == [2]
    assert [p.dim() for p in vectors["params"]] == [1, 1, 1]
    assert vectors["weight_decay"] == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_name_tells_its_part(name: str) -> None:
    assert part_of(name) == NAMES[name]


def _parts() -> nn.ModuleDict:
    """Return a model with an image encoder, a connector, words and a head, a matrix each."""
    names = ("vision_tower", "multi_modal_projector", "language_model", "drawn")
    return nn.ModuleDict({name: nn.Linear(2, 2, bias=False) for name in names})


def test_each_part_moves_at_its_rate() -> None:
    model = _parts()
    config = OptimConfig(lr=1e-2, lr_vision=1e-4, lr_heads=1e-1, weight_decay=0.0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = adamw(model, config)
    set_rate(optimiser, learning_rate(0, 10, config))
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    moved = {
        name.split(".")[0]: float((before[name] - value).abs().max())
        for name, value in model.state_dict().items()
    }
    # The first step of AdamW is as long as the rate: here a 20th of the peak, of the warm-up.
    assert moved["vision_tower"] == pytest.approx(1e-4 / 20, rel=1e-2)
    assert moved["multi_modal_projector"] == pytest.approx(1e-2 / 20, rel=1e-2)
    assert moved["language_model"] == pytest.approx(1e-2 / 20, rel=1e-2)
    assert moved["drawn"] == pytest.approx(1e-1 / 20, rel=1e-2)


def test_a_part_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"optim\.lr_adapters: the model has no such part"):
        adamw(_parts(), OptimConfig(lr_adapters=1e-4))
    with pytest.raises(UsageError, match=r"optim\.frozen: the model has no such part"):
        freeze(_parts(), ["adapters"])


def test_a_frozen_image_encoder_keeps_still_with_its_adapters() -> None:
    model = _parts()
    model["vision_tower"].lora_A = nn.Linear(2, 2)
    freeze(model, ["vision"])
    learning = {name for name, value in model.named_parameters() if value.requires_grad}
    assert learning == {
        "multi_modal_projector.weight", "language_model.weight", "drawn.weight",
    }  # fmt: skip
    given = [p for group in adamw(model, CONFIG).param_groups for p in group["params"]]
    assert len(given) == 3
    with pytest.raises(UsageError, match="nothing is left"):
        freeze(model, ["vision", "connector", "language", "heads"])
