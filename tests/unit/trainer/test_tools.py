"""Do cache, init, inspect, export and doctor leave what they promise?"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import UsageError
from gazekit.model.files import verify_checksums
from gazekit.model.layout_outputs import ImageCacheLayout
from gazekit.model.layout_runs import CheckpointLayout, RunLayout
from trainer import environment, fit
from trainer.checkpoint import load_checkpoint
from trainer.commands import main as program
from trainer.config import TrainConfig, load_config, shipped_configs
from trainer.export import export_model
from trainer.imagecache import cached_images, fill_cache, open_images
from trainer.images import ParquetImages
from trainer.inspection import inspect_batch
from trainer.template import template, write_template

TINY = (
    *("model.image_px=32", "model.width=16", "model.heads=2", "model.stem=[8,8]"),
    *("model.decoder_layers=1", "fit.threads=1", "fit.steps=1", "fit.batch=4"),
)


def _config(data: Path, *settings: str) -> TrainConfig:
    return load_config("nano", [*TINY, f'data.path="{data}"', *settings])


def _typed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        program([str(argument) for argument in arguments])
    return int(stop.value.code or 0), capsys.readouterr().out


def test_a_cache_beside_the_dataset_is_used_and_only_grows(
    make_dataset: Callable[..., Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = make_dataset({"train": 5, "validation": 2}, seed=11)
    code, out = _typed(capsys, "cache", root, "--size", "32", "--json")
    assert code == 0
    result = json.loads(out)
    assert (result["images"], result["decoded"], result["bytes"]) == (7, 7, 7 * 32 * 32)
    fit.main(_config(root), RunLayout(tmp_path / "run"))
    assert not list((tmp_path / "run").glob("*.u8")), "the run made none of its own"
    assert fill_cache(open_dataset(root), size_px=32).decoded == 0
    folder = ImageCacheLayout.beside(root).root
    (pixels,) = folder.glob("*.u8")
    with pixels.open("ab") as file:
        file.write(b"cut")  # by a process that ended while it wrote
    more = make_dataset({"train": 6}, seed=12)
    assert fill_cache(open_dataset(more), size_px=32, cache=folder).decoded == 6
    assert pixels.stat().st_size == 13 * 32 * 32


@pytest.mark.parametrize("images", ["cache", "parquet"])
def test_both_sources_give_the_same_pixels(tiny_dataset: Path, tmp_path: Path, images: str) -> None:
    dataset = open_dataset(tiny_dataset)
    found = open_images(
        dataset, "train", _config(tiny_dataset, f"data.images={images}"), home=tmp_path
    )
    expected = cached_images(dataset, "train", size_px=32, cache=tmp_path / "other")
    assert len(found) == len(expected) == 24
    assert all(np.array_equal(found[row], expected[row]) for row in (0, 23, 5))
    assert isinstance(found, ParquetImages) == (images == "parquet")


@pytest.mark.parametrize("name", shipped_configs())
def test_a_template_says_what_the_shipped_one_says_and_names_every_key(name: str) -> None:
    text = template(name)
    uncommented = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(uncommented) < len(text.splitlines())
    for section in ("data", "model", "loss", "optim", "fit"):
        fields = getattr(load_config(name), section).__struct_fields__
        for field in fields:
            told = re.search(rf"^(# )?{field}[. ]", text, re.MULTILINE)
            assert told or f"{section}.{field}" in text


def test_a_template_is_read_and_not_written_over(tmp_path: Path) -> None:
    path = write_template("nano", tmp_path / "mine.toml")
    assert load_config(str(path)) == load_config("nano")
    # What is commented out is valid too.
    keys = [line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# held")]
    path.write_text(path.read_text("utf-8").replace(f"# {keys[0]}", keys[0]), "utf-8")
    assert load_config(str(path)) == load_config("nano")
    with pytest.raises(UsageError, match="a file already"):
        write_template("nano", path)


def test_a_batch_is_drawn_with_its_gaze(tiny_dataset: Path, tmp_path: Path) -> None:
    path = inspect_batch(_config(tiny_dataset), tmp_path / "sheet.png", readings=2)
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]
    plain = inspect_batch(_config(tiny_dataset, "data.gaze=none"), tmp_path / "b.png", readings=2)
    with Image.open(path) as supervised, Image.open(plain) as without:
        assert supervised.size == without.size
        colours = [
            np.ptp(np.asarray(image.convert("RGB")), axis=2) for image in (supervised, without)
        ]
    # Heat is coloured; without gaze only the box of the finding is.
    assert (colours[0] > 60).sum() > 2 * (colours[1] > 60).sum() > 0


def test_an_export_is_a_model_to_predict_with(tiny_dataset: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="an extra")
    pytest.importorskip("onnxruntime", reason="an extra")
    run, out = RunLayout(tmp_path / "run"), tmp_path / "model"
    fit.main(_config(tiny_dataset), run)
    result = export_model(run, out)
    assert result.onnx_difference is not None
    assert result.onnx_difference < 1e-4
    layout = CheckpointLayout(out)
    assert load_checkpoint(layout).tokenizer.to_json() == layout.tokenizer.read_text("utf-8")
    assert not layout.train_state.exists()
    assert layout.card.is_file()
    assert verify_checksums(out) == []
    assert str(tiny_dataset).encode() not in b"".join(path.read_bytes() for path in out.iterdir())
    with pytest.raises(UsageError, match="something already"):
        export_model(run, out)


def test_a_doctor_names_what_is_broken(
    tiny_dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "tried", lambda _code: None)
    code, out = _typed(capsys, "doctor", tiny_dataset, "--out", tmp_path, "--json")
    found = {finding["check"]: finding for finding in json.loads(out)["findings"]}
    assert code == 0
    assert found["readings"]["found"] == "24 to learn from, 24 of them with gaze"
    assert found["splits"]["colour"] == "green"

    versions = {"torch": "2.13.0", "torchvision": "0.20", "transformers": "4.57.1"}
    monkeypatch.setattr(environment, "installed", versions.get)
    broken = "RuntimeError: operator torchvision::nms does not exist"
    monkeypatch.setattr(
        environment, "tried", lambda code: broken if "torchvision" in code else None
    )
    code, out = _typed(capsys, "doctor", tmp_path, "--json")
    found = {finding["check"]: finding for finding in json.loads(out)["findings"]}
    assert code == 5
    assert "pip uninstall torchvision" in found["torchvision"]["remedy"]
    assert found["transformers"]["colour"] == "red"
    assert found["safetensors"]["found"] == "not installed (expected >= 0.5)"
    assert "gazekit build" in found["dataset"]["remedy"]


@pytest.mark.parametrize("verb", ["cache", "doctor", "export", "init", "inspect"])
def test_help_does_not_load_torch(verb: str) -> None:
    code = (
        "import sys; from trainer.commands import main\n"
        f"try: main(['{verb}', '--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'matplotlib', 'scipy', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
