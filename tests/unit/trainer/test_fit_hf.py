"""Does a model of the hub go through a whole run: fit, resume, export, evaluate, predict?"""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText

from gazekit.model.errors import UsageError
from gazekit.model.layout_runs import RunLayout
from tests.unit.trainer.tiny_families import write_tiny
from trainer import fit
from trainer.checkpoint import Loaded, load_checkpoint, newest
from trainer.config import TrainConfig, load_config
from trainer.evaluate import evaluate
from trainer.export import export_model
from trainer.predict import predict


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("hub") / "tiny-qwen2-vl", "qwen2_vl")


def _config(data: Path, model: Path, *settings: str) -> TrainConfig:
    return load_config(
        "nano-tasks",
        [
            f'data.path="{data}"',
            'model.backbone="hf"',
            f'model.path="{model}"',
            "model.image_px=112",
            "model.frame_px=56",
            "model.text_tokens=400",
            "fit.batch=4",
            "fit.threads=1",
            "fit.eval_readings=4",
            "lora.rank=4",
            "lora.dropout=0.1",
            *settings,
        ],
    )


def _said(loaded: Loaded, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    ids = [*loaded.tokenizer.prompt("report"), *loaded.tokenizer.encode("no effusion.")]
    with torch.no_grad():
        output = loaded.model(images, torch.tensor([ids] * len(images)))
    return output.logits, output.attention


def test_a_run_with_adapters_resumes_bit_for_bit_and_leaves_as_a_whole_model(
    tiny_dataset: Path, model: Path, tmp_path: Path
) -> None:
    config = _config(tiny_dataset, model, "fit.steps=6", "fit.eval_every=3")
    straight, broken = RunLayout(tmp_path / "straight"), RunLayout(tmp_path / "broken")
    fit.main(config, straight)
    fit.main(config, broken, stop_at=3)
    fit.main(config, broken, resume=True)
    one, other = (load_file(newest(run).weights) for run in (straight, broken))
    assert one.keys() == other.keys()
    assert all("lora_" in name for name in one)
    assert all(torch.equal(one[name], other[name]) for name in one)

    out = tmp_path / "out"
    export_model(straight, out)
    images = torch.randint(0, 256, (2, 1, 112, 112), dtype=torch.uint8)
    run, exported = (
        load_checkpoint(newest(RunLayout(place), pointer="best")) for place in (straight.root, out)
    )
    for found, expected in zip(_said(exported, images), _said(run, images), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    library: Any = AutoModelForImageTextToText.from_pretrained(out)
    theirs = library.state_dict()
    assert not [name for name in theirs if "lora" in name]
    assert str(tmp_path) not in "".join(p.read_text() for p in out.glob("*.toml"))


def test_a_model_that_is_trained_whole_is_evaluated_and_reads_an_image(
    tiny_dataset: Path, model: Path, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path / "run")
    config = _config(
        tiny_dataset,
        model,
        "curriculum=[]",
        "lora.rank=0",
        "lora.dropout=0.0",
        'optim.frozen=["vision"]',
        "optim.lr=1e-2",
        "optim.warmup_steps=2",
        "data.readings=4",
        "fit.steps=30",
        "fit.checkpointing=true",
        "fit.eval_every=30",
        "model.text_tokens=60",
    )
    metrics = fit.main(config, run).metrics
    assert metrics["language"] < 2
    assert not [name for name in load_file(newest(run).weights) if ".blocks." in name]

    picture = tmp_path / "picture.png"
    Image.linear_gradient("L").resize((160, 200)).save(picture)
    prediction, folder = predict(run, picture)
    assert prediction.sentences
    assert {path.suffix for path in folder.iterdir()} >= {".json", ".html", ".png"}
    evaluation = evaluate(run)
    assert evaluation.readings == 8


def test_lora_of_another_rank_is_not_resumed(
    tiny_dataset: Path, model: Path, tmp_path: Path
) -> None:
    run = RunLayout(tmp_path)
    fit.main(_config(tiny_dataset, model, "fit.steps=1"), run)
    with pytest.raises(UsageError, match="lora"):
        fit.main(_config(tiny_dataset, model, "fit.steps=2", "lora.rank=2"), run, resume=True)
