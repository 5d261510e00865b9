"""Is a configuration read as written, and a wrong one refused in one line?"""

from pathlib import Path

import pytest

from gazekit.model.config import parse_toml, to_toml
from gazekit.model.errors import UsageError
from trainer.config import TaskMix, TrainConfig, load_config, shipped_configs
from trainer.tasks import mixture_at


def test_nano_is_shipped_and_says_what_the_defaults_are() -> None:
    assert "nano" in shipped_configs()
    assert load_config("nano") == TrainConfig()


def test_settings_win_over_the_file() -> None:
    config = load_config("nano", ["fit.steps=7", "data.gaze=shuffled", "loss.attn_kl=0.1"])
    assert (config.fit.steps, config.data.gaze, config.loss.attn_kl) == (7, "shuffled", 0.1)


def test_a_resolved_config_is_read_back() -> None:
    config = load_config("nano", ['data.path="a b/c"', "data.readings=5"])
    assert parse_toml(to_toml(config), TrainConfig, where="test") == config


def test_a_file_may_leave_sections_out(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[fit]\nsteps = 3\n", "utf-8")
    assert load_config(str(path)).fit.steps == 3


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        ("nano", "fit.stps=3", "steps"),
        ("nano", "optimm.lr=1", "optim"),
        ("nano", "fit.steps=0", "fit.steps"),
        ("nano", "data.gaze=mine", "data.gaze"),
        ("nano", "model.width=92", "heads"),
        ("nano", "model.image_px=100", "multiple of 8"),
        ("nano", "optim.beta2=1.0", "beta2"),
        ("nano", "model.frame_px=50", "multiple of 8"),
        ("nano", "loss.heatmap=0.5", "heatmap_head"),
        ("nano", "loss.schedule.ordr.start=0.5", "order"),
        ("nano", "loss.schedule.order.start=1.5", "start"),
        ("nano", "curriculum=[{until=0.5, tasks={report=1}}]", "up to 1"),
        ("nano", "curriculum=[{tasks={vqaa=1}}]", "vqa"),
        ("nano", "curriculum=[{tasks={}}]", "no task"),
        ("nani", "fit.steps=1", "nano"),
    ],
)
def test_a_mistake_is_named(name: str, setting: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load_config(name, [setting])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nano", "nano-tasks", "tiny", "small"])
def test_every_size_is_shipped_and_read_back(name: str) -> None:
    config = load_config(name)
    assert parse_toml(to_toml(config), TrainConfig, where="test") == config
    sides = {"nano": (12, 8), "nano-tasks": (12, 8), "tiny": (16, 16), "small": (28, 16)}
    assert (config.model.grid, config.model.patch_px) == sides[name]
    tasks = {name for stage in config.curriculum for name in mixture_at([stage], 0.0)}
    assert tasks == (set() if name == "nano" else set(TaskMix.__struct_fields__))
