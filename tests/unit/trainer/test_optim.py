"""Does the learning rate warm up and then fall along a cosine?"""

import pytest
from torch import nn

from trainer.config import OptimConfig
from trainer.optim import adamw, learning_rate

CONFIG = OptimConfig(lr=1.0, final_lr=0.1, warmup_steps=10)


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
