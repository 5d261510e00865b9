"""Does the paper's recipe train through all its stages, alike in one process and in two?"""

from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from safetensors.torch import load_file

from gazekit.model.layout_runs import RunLayout
from tests.unit.trainer.fits_of_ranks import fit_in_two_processes
from tests.unit.trainer.tiny_families import write_tiny
from trainer import fit
from trainer.checkpoint import load_checkpoint, load_train_state, newest
from trainer.commands import main as program
from trainer.config import load_config
from trainer.journal import read_metrics
from trainer.local import run_config

RECIPE = "gazex_qwen2vl"
SMALL = (
    *("model.image_px=112", "model.frame_px=56", "model.text_tokens=600"),
    *("fit.steps=4", "fit.accumulate=1", "fit.threads=1", "fit.log_every=1", "fit.eval_every=4"),
    *("fit.eval_readings=2", "optim.warmup_steps=2"),
)
EXACT = ("fit.precision=float32", "model.base_dtype=float32")


@pytest.fixture(scope="module")
def settings(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the settings of a run on a tiny model."""
    model = write_tiny(tmp_path_factory.mktemp("models") / "qwen", "qwen2_vl")
    return [f'data.path="{tiny_dataset}"', f'model.path="{model}"', *SMALL]


def test_a_written_recipe_trains_as_it_is(settings: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        program(["init", RECIPE, "--out", str(tmp_path / "mine.toml")])
    config = load_config(str(tmp_path / "mine.toml"), settings)
    assert config == load_config(RECIPE, settings)
    run = RunLayout(tmp_path / "run")
    fit.main(config, run)
    steps = [record for record in read_metrics(run.metrics) if "language" in record]
    assert steps[0]["boxes"] == steps[0]["order"] == 0, "words first"
    assert any(step["boxes"] > 0 for step in steps[1:])
    assert any(step["order"] > 0 for step in steps[1:])
    assert all(step["attn_kl"] > 0 and step["gaze_tokens"] == 0 for step in steps)
    kept = load_file(newest(run).weights)
    assert {name.split(".")[-3] for name in kept} == {"lora_A", "lora_B"}
    model = load_checkpoint(newest(run)).model
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16, torch.float32}


def test_two_processes_give_what_one_does(settings: list[str], tmp_path: Path) -> None:
    whole, *others = (RunLayout(tmp_path / name) for name in ("whole", "none", "fsdp"))
    exact = [*settings, *EXACT, "fit.steps=2"]
    fit.main(load_config(RECIPE, [*exact, "fit.batch=8"]), whole)
    fit_in_two_processes(
        *(
            [RECIPE, "--out", str(run.root), *_set(*exact, "fit.batch=4", f"fit.shard={shard}")]
            for shard, run in zip(("none", "fsdp"), others, strict=True)
        ),
        ["--resume", str(tmp_path / "fsdp"), *_set("fit.steps=3")],
    )
    for run in (whole, others[0]):  # the latter goes on in one process, and in one batch
        config = run_config(run, ("fit.steps=3", "fit.batch=8"))
        fit.main(config, run, resume=True)
    for run in others:
        _same(run, whole)


def _same(run: RunLayout, whole: RunLayout) -> None:
    """Compare all measurements, gradient norms among them, and what is saved: whole adapters."""
    records = list(read_metrics(whole.metrics))
    assert [record["step"] for record in records if "grad_norm" in record] == [1, 2, 3]
    for mine, theirs in zip(read_metrics(run.metrics), records, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    first, second = (load_file(newest(one).weights) for one in (run, whole))
    assert first.keys() == second.keys()
    for name, weight in second.items():
        assert torch.allclose(first[name], weight, atol=1e-5), name
    moments = load_train_state(newest(run))["optimiser"]["state"].values()
    assert sorted(tuple(m["exp_avg"].shape) for m in moments) == sorted(
        tuple(weight.shape) for weight in second.values()
    )


def _set(*settings: str) -> list[str]:
    return [part for setting in settings for part in ("--set", setting)]
