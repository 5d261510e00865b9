"""Is the task of a sample a pure function of seed, epoch and index, in the shares asked for?"""

from collections import Counter

import pytest

from trainer.config import Stage, TaskMix
from trainer.tasks import choose, mixture_at

MIX = {"report": 6.0, "vqa": 3.0, "order_global": 1.0}


def test_the_shares_are_those_of_the_mixture() -> None:
    drawn = Counter(choose(MIX, 0, epoch, index) for epoch in range(10) for index in range(300))
    assert drawn["report"] / 3000 == pytest.approx(0.6, abs=0.04)
    assert drawn["vqa"] / 3000 == pytest.approx(0.3, abs=0.04)


def test_seed_epoch_and_index_each_matter_and_nothing_else() -> None:
    def row(seed: int, epoch: int) -> list[str]:
        return [choose(MIX, seed, epoch, index) for index in range(50)]

    assert row(0, 0) == row(0, 0)
    assert row(0, 0) != row(1, 0)
    assert row(0, 0) != row(0, 1)


def test_stages_follow_one_another() -> None:
    stages = (Stage(until=0.5, tasks=TaskMix(report=1)), Stage(tasks=TaskMix(report=1, vqa=1)))
    assert mixture_at(stages, 0.49) == {"report": 1}
    assert mixture_at(stages, 0.5) == {"report": 1, "vqa": 1}
    assert mixture_at(stages, 1.0) == {"report": 1, "vqa": 1}
    assert mixture_at((), 0.3) == {"report": 1}
