"""Does a run learn, resume bit for bit, stop cleanly, and refuse what does not fit?"""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.layout_runs import RunLayout
from gazekit.model.version import DISCLAIMER
from trainer import fit, objective
from trainer.checkpoint import load_checkpoint, load_train_state, newest
from trainer.config import TrainConfig, load_config
from trainer.journal import read_metrics
from trainer.losses import language_loss

SMALL = (
    "model.width=32",
    "model.heads=2",
    "model.encoder_layers=1",
    "model.decoder_layers=1",
    "fit.batch=8",
    "fit.threads=1",
    "fit.log_every=5",
)
Maker = Callable[..., Path]


def _config(data: Path, *settings: str) -> TrainConfig:
    return load_config("nano", [*SMALL, f'data.path="{data}"', *settings])


def _weights(run: RunLayout) -> dict[str, torch.Tensor]:
    return load_file(newest(run).weights)


def _same(one: RunLayout, other: RunLayout) -> bool:
    first, second = _weights(one), _weights(other)
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def test_a_batch_is_learnt_by_heart(tiny_dataset: Path, tmp_path: Path) -> None:
    config = _config(
        tiny_dataset, "data.readings=8", "fit.steps=100", "optim.lr=5e-3", "optim.warmup_steps=5"
    )
    metrics = fit.main(config, RunLayout(tmp_path)).metrics
    assert metrics["language"] < 0.2
    assert metrics["attn_kl"] < 0.5


def test_twenty_steps_are_ten_and_ten_more(tiny_dataset: Path, tmp_path: Path) -> None:
    config = _config(tiny_dataset, "fit.steps=20", "fit.eval_every=5", "model.dropout=0.1")
    straight, broken = RunLayout(tmp_path / "straight"), RunLayout(tmp_path / "broken")
    fit.main(config, straight)
    assert fit.main(config, broken, stop_at=10).step == 10
    assert not _same(straight, broken)
    assert fit.main(config, broken, resume=True).step == 20
    assert _same(straight, broken)
    assert read_metrics(straight.metrics) == read_metrics(broken.metrics)
    first, second = (load_train_state(newest(run)) for run in (straight, broken))
    assert torch.equal(first["rng"], second["rng"])
    assert first["best"] == second["best"]


def test_the_seed_decides_and_workers_do_not(tiny_dataset: Path, tmp_path: Path) -> None:
    runs = {}
    for name, settings in {
        "one": (),
        "workers": ("data.workers=2",),
        "seed": ("fit.seed=1",),
    }.items():
        runs[name] = RunLayout(tmp_path / name)
        fit.main(_config(tiny_dataset, "fit.steps=3", *settings), runs[name])
    assert _same(runs["one"], runs["workers"])
    assert not _same(runs["one"], runs["seed"])


def test_sigterm_leaves_a_checkpoint(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunLayout(tmp_path)

    def terminate_in_the_step(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        os.kill(os.getpid(), signal.SIGTERM)
        return language_loss(logits, targets)

    monkeypatch.setattr(objective, "language_loss", terminate_in_the_step)
    before = signal.getsignal(signal.SIGTERM)
    result = fit.main(_config(tiny_dataset, "fit.steps=9"), run)
    assert result.step == 1
    assert load_train_state(newest(run))["step"] == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_checkpoint_is_whole_and_says_what_it_is(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=4", "fit.save_every=2", "fit.eval_every=2"), run)
    checkpoint = newest(run)
    names = {path.name for path in checkpoint.root.iterdir()}
    layout = [checkpoint.weights, checkpoint.config, checkpoint.tokenizer, checkpoint.preprocess]
    layout += [checkpoint.metrics, checkpoint.card, checkpoint.train_state]
    assert names == {path.name for path in layout}
    card = checkpoint.card.read_text("utf-8")
    assert DISCLAIMER in card
    assert open_dataset(tiny_dataset).info.fingerprint in card
    assert "Synthetic data" in card
    assert json.loads(checkpoint.metrics.read_text("utf-8"))["val_language"] > 0
    kept = {newest(run).root.name, newest(run, pointer="best").root.name}
    assert {checkpoint.root.name for checkpoint in run.checkpoints()} == kept
    assert not list(run.root.glob(".*")), "no temporary folder is left"


def test_metrics_hold_train_and_held_out_values(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=6", "fit.log_every=2", "fit.eval_every=3"), run)
    rows = read_metrics(run.metrics)
    assert [row["step"] for row in rows if "language" in row] == [2, 4, 6]
    assert [row["step"] for row in rows if "val_language" in row] == [3, 6]
    assert all("val_attn_kl" in row and "val_pointing" in row for row in rows if len(row) == 4)


def test_report_only_has_no_attention_loss(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    metrics = fit.main(_config(tiny_dataset, "fit.steps=2", "data.gaze=none"), run).metrics
    assert "attn_kl" not in metrics
    assert "val_attn_kl" in metrics, "held-out gaze is compared whatever the arm"


def test_a_loss_that_is_not_finite_names_the_batch(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    config = _config(tiny_dataset, "fit.steps=50", "optim.lr=1e30", "optim.warmup_steps=0")
    with pytest.raises(GazekitError, match=r"not finite.*optim\.lr") as caught:
        fit.main(config, run)
    assert "readings r0" in str(caught.value)
    assert "\n" not in str(caught.value)
    kept = load_train_state(newest(run))["step"]
    assert f"step {kept}," in str(caught.value), "it is saved as it was before the batch"


def test_a_run_is_not_overwritten(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=1"), run)
    with pytest.raises(UsageError, match="a run already"):
        fit.main(_config(tiny_dataset, "fit.steps=1"), run)


def test_a_foreign_folder_is_left_as_it_is(tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(UsageError, match="else than a training run") as caught:
            fit.main(_config(tiny_dataset, "fit.steps=1"), RunLayout(place))
        assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_that_ended_before_its_first_step_can_be_begun_again(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutError(Exception):
        pass

    def cut(*_: object, **__: object) -> None:
        raise CutError

    config, run = _config(tiny_dataset, "fit.steps=1"), RunLayout(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("trainer.prepare._fresh", cut)
        with pytest.raises(CutError):
            fit.main(config, run)
    assert list(run.root.iterdir())
    assert fit.main(config, run).step == 1


def test_resume_refuses_other_data_and_another_model(
    tiny_dataset: Path, make_dataset: Maker, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=2"), run, stop_at=1)
    other = make_dataset({"train": 9, "validation": 2}, seed=2)
    with pytest.raises(DataError, match="not the dataset"):
        fit.main(_config(other, "fit.steps=2"), run, resume=True)
    with pytest.raises(UsageError, match=r"\[model\]"):
        fit.main(_config(tiny_dataset, "model.width=64"), run, resume=True)
    assert fit.main(_config(other, "fit.steps=2"), run, resume=True, other_data=True).step == 2


def test_data_without_what_is_needed_is_named(make_dataset: Maker, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no train split"):
        fit.main(_config(make_dataset({"test": 2})), RunLayout(tmp_path / "a"))
    with pytest.raises(DataError, match="not a built dataset"):
        fit.main(_config(tmp_path), RunLayout(tmp_path / "b"))
    with pytest.raises(UsageError, match="--data"):
        fit.main(load_config("nano"), RunLayout(tmp_path / "c"))
    without = fit.main(
        _config(make_dataset({"train": 3}), "fit.steps=1"), RunLayout(tmp_path / "d")
    )
    assert not any(name.startswith("val_") for name in without.metrics)


def test_a_damaged_checkpoint_is_named(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=1"), run)
    checkpoint = newest(run)
    checkpoint.weights.write_bytes(checkpoint.weights.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be read") as caught:
        load_checkpoint(checkpoint)
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no training run"):
        newest(RunLayout(tmp_path / "nothing"))


def test_weights_of_another_version_are_named_with_a_remedy(
    tiny_dataset: Path, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.steps=1"), run)
    checkpoint = newest(run)
    weights = {f"old.{name}": array for name, array in load_file(checkpoint.weights).items()}
    save_file(weights, checkpoint.weights)
    with pytest.raises(DataError, match=r"another version of the model.*[Tt]rain again") as caught:
        load_checkpoint(checkpoint)
    assert checkpoint.card.name in str(caught.value)
    assert "\n" not in str(caught.value)
