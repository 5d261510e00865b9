"""Is a step the same however it is cut: into batches, into processes, and in bfloat16?"""

import json
import shutil
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import load_file

from gazekit.model.layout_runs import RunLayout
from tests.unit.trainer.fits_of_ranks import fit_in_two_processes
from trainer import fit
from trainer.checkpoint import load_train_state, newest
from trainer.config import TrainConfig, load_config
from trainer.journal import read_metrics
from trainer.local import with_local

TINY = (
    *("model.image_px=32", "model.width=16", "model.heads=2", "model.stem=[8,8]"),
    *("model.decoder_layers=1", "fit.threads=1", "fit.steps=4", "fit.log_every=1", "fit.batch=4"),
)


def _config(data: Path, *settings: str) -> TrainConfig:
    return load_config("nano", [*TINY, f'data.path="{data}"', *settings])


def _far(one: RunLayout, other: RunLayout) -> float:
    """Return the greatest difference of two runs' weights.

    The biases of keys are left out: they move all scores of a query alike, so their gradient is 0
    but for rounding, which AdamW makes as large as any other.
    """
    first, second = load_file(newest(one).weights), load_file(newest(other).weights)
    assert first.keys() == second.keys()
    for weights in (first, second):
        for name in weights:
            if name.endswith("key_value.bias"):
                weights[name] = weights[name].chunk(2)[1]
    return max(float((first[name] - second[name]).abs().max()) for name in first)


@pytest.fixture(scope="module")
def whole(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    """Fit with 8 readings a step in one batch and one process."""
    run = RunLayout(tmp_path_factory.mktemp("whole"))
    fit.main(_config(tiny_dataset, "fit.batch=8"), run)
    return run


def test_two_batches_of_four_are_one_of_eight(
    tiny_dataset: Path, whole: RunLayout, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.accumulate=2"), run)
    assert _far(run, whole) < 1e-5
    for mine, theirs in zip(read_metrics(run.metrics), read_metrics(whole.metrics), strict=True):
        assert mine == pytest.approx(theirs, abs=1e-4)


def test_two_processes_of_four_are_one_of_eight(
    tiny_dataset: Path, whole: RunLayout, tmp_path: Path
) -> None:
    runs = {shard: RunLayout(tmp_path / shard) for shard in ("none", "fsdp")}
    words = ["nano", "--data", str(tiny_dataset), "--json"]
    words += [part for setting in TINY for part in ("--set", setting)]
    told = fit_in_two_processes(
        *([*words, "--set", f"fit.shard={s}", "--out", str(run.root)] for s, run in runs.items())
    )
    results = [json.loads(line) for line in told.splitlines()]
    assert [(result["run"], result["step"]) for result in results] == [
        (str(run.root), 4) for run in runs.values()
    ], "one process speaks for both"
    for run in runs.values():
        assert _far(run, whole) < 1e-5
        assert load_train_state(newest(run))["rng"].shape[0] == 2
        for mine, theirs in zip(
            read_metrics(run.metrics), read_metrics(whole.metrics), strict=True
        ):
            assert mine == pytest.approx(theirs, abs=1e-4)
    _goes_on_alone(runs["fsdp"], tmp_path / "alone")


def _goes_on_alone(run: RunLayout, elsewhere: Path) -> None:
    """Go on in one process with what two have saved: it is whole."""
    saved = load_train_state(newest(run))["optimiser"]["state"]
    shutil.copytree(run.root, elsewhere)
    config = with_local(load_config(str(run.config)), run)
    longer = replace(config, fit=replace(config.fit, steps=5, shard="none"))
    result = fit.main(longer, RunLayout(elsewhere), resume=True)
    assert result.step == 5
    weights = load_file(newest(run).weights)
    assert sorted(tuple(one["exp_avg"].shape) for one in saved.values()) == sorted(
        tuple(weight.shape) for weight in weights.values()
    )


def test_the_mean_of_the_weights_is_saved_and_resumed(tiny_dataset: Path, tmp_path: Path) -> None:
    config = _config(tiny_dataset, "fit.ema=0.9")
    straight, broken = RunLayout(tmp_path / "a"), RunLayout(tmp_path / "b")
    fit.main(config, straight)
    fit.main(config, broken, stop_at=2)
    fit.main(config, broken, resume=True)
    assert _far(straight, broken) == 0
    kept = load_train_state(newest(straight))["weights"]
    saved = load_file(newest(straight).weights)
    assert any(not torch.equal(kept[name], saved[name]) for name in saved)
    assert "running mean, of decay 0.9" in newest(straight).card.read_text("utf-8")


def test_bfloat16_learns_what_float32_learns(
    tiny_dataset: Path, whole: RunLayout, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.batch=8", "fit.precision=bfloat16"), run)
    assert 0 < _far(run, whole) < 0.1
    assert load_file(newest(run).weights)["place"].dtype == torch.float32


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more than a small CI has
@pytest.mark.parametrize("workers", [1, 4])
def test_images_from_parquet_come_in_one_order_whatever_the_workers(
    tiny_dataset: Path, tmp_path: Path, workers: int
) -> None:
    runs = [RunLayout(tmp_path / str(count)) for count in (0, workers)]
    for run, count in zip(runs, (0, workers), strict=True):
        settings = ("data.images=parquet", f"data.workers={count}", "fit.steps=2")
        fit.main(_config(tiny_dataset, *settings), run)
    assert _far(*runs) == 0
