"""Does a run start warm, stop in time, learn a few by heart, and keep its machine to itself?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.model.column_types import IMAGE_TYPE
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, UnfitError, UsageError
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.checkpoint import load_checkpoint, newest
from trainer.commands import main as program
from trainer.config import TrainConfig, load_config
from trainer.guards import require_apart
from trainer.journal import read_metrics
from trainer.local import run_config

TINY = (
    *("model.image_px=32", "model.width=16", "model.heads=2", "model.stem=[8,8]"),
    *("model.decoder_layers=1", "fit.threads=1", "fit.steps=2", "fit.batch=4"),
)
Maker = Callable[..., Path]


def _config(data: Path, *settings: str) -> TrainConfig:
    return load_config("nano", [*TINY, f'data.path="{data}"', *settings])


def _typed(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stop:
        program([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def _sets() -> list[str]:
    return [part for setting in TINY for part in ("--set", setting)]


def test_no_path_of_the_machine_is_in_what_goes_elsewhere(
    tiny_dataset: Path, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path / "run")
    fit.main(_config(tiny_dataset, f'data.cache="{tmp_path / "cache"}"'), run)
    for path in run.root.rglob("*"):
        if path.is_file() and path != run.local:
            assert str(tmp_path).encode() not in path.read_bytes(), path.name
            assert str(tiny_dataset).encode() not in path.read_bytes(), path.name
    assert run_config(run).data.path == str(tiny_dataset)
    assert load_checkpoint(newest(run)).config.data.path == str(tiny_dataset)


def test_a_run_cut_before_its_first_checkpoint_goes_on(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path / "run")
    fit.main(_config(tiny_dataset), run)
    for path in (run.last, run.best):
        path.unlink(missing_ok=True)
    assert _typed("fit", "--resume", run.root, "--set", "fit.steps=1") == 0
    assert [row["step"] for row in read_metrics(run.metrics)][-1] == 1
    run.last.unlink()
    assert _typed("fit", "nano", "--data", tiny_dataset, "--out", run.root, *_sets()) == 0


def test_time_that_is_over_leaves_a_checkpoint(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path / "run")
    arguments: tuple[str | Path, ...] = (
        "--data",
        tiny_dataset,
        "--out",
        run.root,
        *_sets(),
        "--set",
        "fit.steps=50",
    )
    assert _typed("fit", "nano", *arguments, "--max-time", "0s") == 0
    assert newest(run).root.name == "step-000001"
    with pytest.raises(SystemExit):
        program(["fit", "nano", "--max-time", "soon"])


def test_few_readings_are_learnt_by_heart_and_measured(tiny_dataset: Path, tmp_path: Path) -> None:
    run = RunLayout(tmp_path / "run")
    arguments: tuple[str | Path, ...] = ("--data", tiny_dataset, "--out", run.root, *_sets())
    assert _typed("fit", "nano", *arguments, "--overfit", "2", "--limit-batches", "1") == 0
    kept = load_checkpoint(newest(run)).config
    assert (kept.data.readings, kept.data.held_out, kept.fit.batch) == (2, "train", 2)
    assert (kept.fit.steps, kept.fit.eval_readings) == (1, 2)


def test_a_warm_start_takes_weights_and_words(
    tiny_dataset: Path, make_dataset: Maker, tmp_path: Path
) -> None:
    first, second = RunLayout(tmp_path / "a"), RunLayout(tmp_path / "b")
    fit.main(_config(tiny_dataset), first)
    other = make_dataset({"train": 6}, seed=4)
    fit.main(_config(other, "optim.lr=1e-12", "fit.steps=1"), second, init_from=first)
    one, two = load_checkpoint(newest(first, pointer="best")), load_checkpoint(newest(second))
    assert one.tokenizer.to_json() == two.tokenizer.to_json()
    place = one.model.get_parameter("place") - two.model.get_parameter("place")
    assert place.abs().max() < 1e-6
    assert two.preprocess.data.fingerprint == open_dataset(other).info.fingerprint
    with pytest.raises(UsageError, match=r"\[model\]"):
        fit.main(_config(other, "model.width=32"), RunLayout(tmp_path / "c"), init_from=first)


def test_a_patient_in_two_splits_stops_the_run(make_dataset: Maker, tmp_path: Path) -> None:
    root = make_dataset({"train": 3, "test": 2}, seed=6)
    (shard,) = open_dataset(root).shards("images", "test")
    table = pq.read_table(shard)
    place = table.schema.get_field_index("patient_id")
    same = pa.array(["p000"] * 2, table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), same), shard)
    with pytest.raises(DataError, match="1 patient is in two splits") as caught:
        fit.main(_config(root), RunLayout(tmp_path / "run"))
    assert "p000" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()
    require_apart(open_dataset(make_dataset({"train": 2, "test": 1}, seed=7)))


@pytest.mark.parametrize("images", ["cache", "parquet"])
def test_readings_without_an_image_are_left_out_and_counted(
    make_dataset: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str], images: str
) -> None:
    root = make_dataset({"train": 4}, seed=8)
    (shard,) = open_dataset(root).shards("images", "train")
    table = pq.read_table(shard)
    place = table.schema.get_field_index("image")
    kept = [None, *table["image"].to_pylist()[1:]]
    field = table.schema.field(place)
    pq.write_table(table.set_column(place, field, pa.array(kept, IMAGE_TYPE)), shard)
    run = RunLayout(tmp_path / "run")
    assert fit.main(_config(root, f"data.images={images}"), run).step == 2
    assert "1 of 4 train readings have no image" in capsys.readouterr().err


def test_a_gpu_that_is_not_there_is_said(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UnfitError, match="trainer doctor"):
        fit.main(_config(tiny_dataset, "fit.device=cuda"), RunLayout(tmp_path))


def test_tensorboard_has_what_the_metrics_have(tiny_dataset: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="an extra")
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, "fit.tensorboard=true"), run)
    (events,) = run.tensorboard.iterdir()
    assert b"val_language" in events.read_bytes()
