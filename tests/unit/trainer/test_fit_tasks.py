"""Does a run with all tasks learn, resume, keep its controls, and be scored?"""

from collections import Counter
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from gazekit.model.config import parse_toml
from gazekit.model.dataset import open_dataset
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.checkpoint import load_checkpoint, newest
from trainer.config import TrainConfig, load_config
from trainer.corpus import load_samples
from trainer.data import Split, StepBatches
from trainer.imagecache import open_images
from trainer.journal import read_metrics
from trainer.objective import amounts, weights
from trainer.tasks import bank_of, texts_of
from trainer.tasks.scores import MEANINGS, task_entries
from trainer.tokenizer import TOKEN_KINDS, ReportTokenizer

SMALL = (
    "model.width=32",
    "model.heads=2",
    "model.decoder_layers=1",
    "model.heatmap_head=true",
    "loss.heatmap=0.1",
    "loss.attn_js=0.1",
    "fit.batch=8",
    "fit.threads=1",
    "fit.log_every=1",
    "fit.eval_every=100",
)


def _config(data: Path, *settings: str) -> TrainConfig:
    return load_config("nano-tasks", [*SMALL, f'data.path="{data}"', *settings])


def _batches(data: Path, home: Path, *settings: str) -> StepBatches:
    config, dataset = _config(data, *settings), open_dataset(data)
    samples = load_samples(dataset, "train")
    bank = bank_of(dataset, samples, config)
    split = Split.of(samples, open_images(dataset, "train", config, home=home), config, bank)
    tokenizer = ReportTokenizer.train(
        texts_of(samples, bank), vocabulary=400, patches=144, coordinates=64
    )
    return StepBatches(split, tokenizer, config)


def test_eight_steps_are_four_and_four_more_with_any_workers(
    tiny_dataset: Path, tmp_path: Path
) -> None:
    straight, broken = RunLayout(tmp_path / "straight"), RunLayout(tmp_path / "broken")
    fit.main(_config(tiny_dataset, "fit.steps=8"), straight)
    config = _config(tiny_dataset, "fit.steps=8", "data.workers=1")
    fit.main(config, broken, stop_at=4)
    fit.main(config, broken, resume=True)
    first, second = (load_file(newest(run).weights) for run in (straight, broken))
    assert all(torch.equal(first[name], second[name]) for name in first)
    metrics = read_metrics(straight.metrics)
    last = {name for row in metrics for name, value in row.items() if value}
    assert {*TOKEN_KINDS, "attn_kl", "attn_js", "heatmap"} - {"order"} <= last


def test_the_curriculum_sets_reports_first_and_then_every_task(
    tiny_dataset: Path, tmp_path: Path
) -> None:
    batches = _batches(tiny_dataset, tmp_path, "fit.steps=40")
    begun = Counter(task for step in range(10) for task in batches[step].tasks)
    later = Counter(task for step in range(10, 40) for task in batches[step].tasks)
    assert set(begun) == {"report"}
    # No reading here has three key frames, so that none can be put in order as a whole.
    assert set(later) == set(TASKS) - {"order_global"}
    assert batches[30].tasks == batches[30].tasks


TASKS = (
    "report", "trajectory", "finding", "perception", "scanpath", "order_global", "order_local",
    "grounding", "vqa",
)  # fmt: skip


@pytest.mark.parametrize(("gaze", "kept"), [("none", {"report", "vqa", "grounding"})])
def test_without_gaze_its_tasks_fall_away(
    tiny_dataset: Path, tmp_path: Path, gaze: str, kept: set[str]
) -> None:
    batches = _batches(tiny_dataset, tmp_path, f"data.gaze={gaze}", "fit.steps=40")
    assert {task for step in range(20, 40) for task in batches[step].tasks} == kept
    assert batches[25].gaze_mask.sum() == 0
    assert len(batches[25].frames) == 0


def test_answers_alone_are_targets_and_kinds_count_them(tiny_dataset: Path, tmp_path: Path) -> None:
    batches = _batches(tiny_dataset, tmp_path, "fit.steps=40")
    batch = batches[30]
    counted = amounts(batch, _config(tiny_dataset))
    assert sum(counted[name] for name in TOKEN_KINDS) == int((batch.targets >= 0).sum())
    for i, task in enumerate(batch.tasks):
        first = int((batch.targets[i] >= 0).nonzero()[0])
        assert (first == 0) == (task in {"report", "trajectory", "finding", "order_global"})
        shown = int((batch.frame_at[:, 0] == i).sum())
        named = batch.named[i][batch.named[i] >= 0]
        assert sorted(named.tolist()) == (list(range(shown)) if task == "order_local" else [])
        if task in {"trajectory", "finding", "order_local"}:
            assert batch.gaze_mask[i].sum() == 0, "frames show the gaze"


def test_a_schedule_turns_a_loss_on() -> None:
    text = "[loss.schedule.order]\nstart = 0.5\nramp = 0.2\n[fit]\nsteps = 100\n"
    config = parse_toml(text, TrainConfig, where="test")
    steps = {0: 0.0, 49: 0.0, 50: 0.0, 60: 0.5, 70: 1.0, 99: 1.0}
    assert {s: pytest.approx(weights(config, s)["order"]) for s in steps} == steps
    assert weights(config, 0)["language"] == 1.0
    assert weights(config, 0)["attn_kl"] == config.loss.attn_kl > 0


def test_a_run_is_scored_on_its_tasks(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path / "run")
    config = _config(tiny_dataset, "fit.steps=2")
    fit.main(config, run)
    loaded, dataset = load_checkpoint(newest(run)), open_dataset(tiny_dataset)
    assert loaded.preprocess.codec == "square-64"
    samples = load_samples(dataset, "test")
    pixels = open_images(dataset, "test", config, home=run.root)
    split = Split(samples, pixels, range(8), bank_of(dataset, samples, config))
    entries = list(
        task_entries(loaded.model, split, loaded.tokenizer, loaded.config, rows=range(8))
    )
    names = Counter(name for name, _, _ in entries)
    assert set(names) <= set(MEANINGS)
    assert names["vqa"] == names["vqa_majority"] == 8 * 3
    assert names["order_local"] == names["grounding_iou"] == names["perception_iou"] == 8
    assert all(0 <= value <= 1 for _, _, value in entries)
    for name in ("order_local", "order_global_exact"):
        assert names[f"{name}_as_shown"] == names[name], "chance stands beside it"
    middle = [value for name, _, value in entries if name == "grounding_iou_centre"]
    assert len(middle) == 8
    assert 0 <= sum(middle) / 8 < 0.2, "the middle of an image is no finding"


def test_boxes_that_were_learnt_by_heart_are_decoded(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path / "run")
    config = _config(
        tiny_dataset,
        *("data.readings=4", "fit.batch=4", "fit.steps=80", "model.image_px=48"),
        *("model.frame_px=24", "loss.attn_kl=0", "loss.attn_js=0", "loss.heatmap=0"),
        *("loss.boxes=1", "loss.schedule.boxes.start=0", "loss.schedule.boxes.ramp=0"),
        "curriculum=[{until=1.0, tasks={grounding=1.0}}]",
    )
    fit.main(config, run)
    loaded, dataset = load_checkpoint(newest(run)), open_dataset(tiny_dataset)
    samples = load_samples(dataset, "train")[:4]
    pixels = open_images(dataset, "train", config, home=run.root)
    split = Split(samples, pixels, range(4), bank_of(dataset, samples, config))
    found = [
        value
        for name, _, value in task_entries(
            loaded.model, split, loaded.tokenizer, loaded.config, rows=range(4)
        )
        if name == "grounding_iou"
    ]
    assert len(found) == 4
    assert sum(found) / len(found) > 0.8
