"""Is each fault of a model one line with its remedy, the same from the doctor and from a run?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

from gazekit.model.errors import GazekitError
from gazekit.model.layout_runs import ModelLayout, RunLayout
from tests.unit.trainer.tiny_families import write_tiny
from trainer import environment, fit, memory
from trainer.commands import main as program
from trainer.config import TrainConfig, load_config
from trainer.doctor import Finding
from trainer.doctor_model import examine_model

Break = Callable[[ModelLayout], object]
FITTING = ("model.image_px=112", "model.frame_px=56", "model.text_tokens=64", "fit.batch=1")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("models") / "qwen", "qwen2_vl")


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> ModelLayout:
    return ModelLayout(Path(shutil.copytree(tiny, tmp_path / "qwen")))


def _config_says(**changes: object) -> Break:
    def change(folder: ModelLayout) -> None:
        told = json.loads(folder.config.read_text("utf-8"))
        folder.config.write_text(json.dumps(told | changes), "utf-8")

    return change


def _pickled(folder: ModelLayout) -> None:
    folder.weights()[0].rename(folder.root / "pytorch_model.bin")


def _half_fetched(folder: ModelLayout) -> None:
    names = {"a": folder.weights()[0].name, "b": "model-00002-of-00002.safetensors"}
    folder.index.write_text(json.dumps({"weight_map": names}), "utf-8")


def _pointer(folder: ModelLayout) -> None:
    folder.weights()[0].write_text("version https://git-lfs.github.com/spec/v1\nsize 9\n", "utf-8")


def _without_place(folder: ModelLayout) -> None:
    folder.chat_templates[0].write_text("{{ messages[0]['role'] }}", "utf-8")


BROKEN: dict[str, tuple[Break, str, str]] = {
    "no folder": (lambda f: shutil.rmtree(f.root), "no such folder", "give the folder"),
    "no model": (lambda f: f.config.unlink(), "holds no model (expected config.json", "give the"),
    "not json": (lambda f: f.config.write_text("{"), "not JSON", "fetch"),
    "no weights": (lambda f: f.weights()[0].unlink(), "no weights", "fetch"),
    "pickled": (_pickled, "found pytorch_model.bin", "save_pretrained"),
    "half": (_half_fetched, "expected model-00002-of-00002.safetensors", "fetch"),
    "pointer": (_pointer, "weights were not fetched", "git lfs pull"),
    "words": (lambda f: f.tokenizer.unlink(), "no tokenizer (expected tokenizer.json)", "fetch"),
    "pictures": (lambda f: f.processors[0].unlink(), "no image processor", "fetch"),
    "family": (_config_says(model_type="qwen2_vll"), "not known", "'qwen2_vl'"),
    "no template": (lambda f: f.chat_templates[0].unlink(), "no chat template", "not a base"),
    "template": (_without_place, "has no place for a picture", "chat_template.jinja"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_run_and_the_doctor_say_the_same_line(
    folder: ModelLayout, tiny_dataset: Path, tmp_path: Path, name: str
) -> None:
    breaks, line, remedy = BROKEN[name]
    breaks(folder)
    _both_say(folder, tiny_dataset, tmp_path, FITTING, (line, remedy))


SETTINGS = {
    "model.image_px=120": ("must be a multiple of 28 (found 120)", "--set model.image_px=112"),
    "model.frame_px=90": ("must be a multiple of 28 (found 90)", "--set model.frame_px=84"),
    'lora.targets=["q_pro"]': ("no projection of the language model", "'q_proj'"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_that_do_not_fit_the_model_are_told(
    folder: ModelLayout, tiny_dataset: Path, tmp_path: Path, setting: str
) -> None:
    _both_say(folder, tiny_dataset, tmp_path, (*FITTING, setting), SETTINGS[setting])


def test_too_little_memory_is_told_before_weights_are_read(
    folder: ModelLayout, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "room_of", lambda _device: 1000)
    for setting, remedy in (
        ("model.base_dtype=float32", 'model.base_dtype = "bfloat16"'),
        ("lora.rank=0", "lora.rank = 16"),
        ("lora.rank=4", 'fit.shard = "fsdp"'),
    ):
        told = "too little to train this model", remedy
        _both_say(folder, tiny_dataset, tmp_path, (*FITTING, setting), told)


def _both_say(
    folder: ModelLayout,
    data: Path,
    scratch: Path,
    settings: tuple[str, ...],
    told: tuple[str, str],
) -> None:
    line, remedy = told
    config = _config(folder, data, settings)
    with pytest.raises(GazekitError) as raised:
        fit.main(config, RunLayout(scratch / "run"))
    problem = raised.value
    assert line in str(problem)
    assert "\n" not in str(problem)
    assert remedy in (problem.remedy or "")
    *_, last = examine_model(str(folder.root), settings)
    assert last == Finding(
        check=str(problem.where),
        colour="red",
        found=environment.told(problem),
        remedy=problem.remedy,
    )


def _config(folder: ModelLayout, data: Path, settings: tuple[str, ...]) -> TrainConfig:
    paths = (f'model.path="{folder.root}"', f'data.path="{data}"')
    return load_config("gazex_qwen2vl", [*paths, *settings])


def test_what_may_yet_go_well_is_a_warning_in_both(
    folder: ModelLayout,
    tiny_dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(memory, "room_of", lambda _device: 1_000_000)
    settings = (*FITTING, "fit.steps=1", "fit.accumulate=1", "fit.eval_readings=1")
    fit.main(_config(folder, tiny_dataset, settings), RunLayout(tmp_path / "run"))
    told = capsys.readouterr().err
    warned = [f for f in examine_model(str(folder.root), settings) if f.colour == "yellow"]
    assert [finding.check for finding in warned] == ["memory"]
    assert f"memory: {warned[0].found}. {warned[0].remedy}".casefold() in told.casefold()


def test_the_doctor_examines_a_configuration(
    folder: ModelLayout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["doctor", "--model", "gazex_qwen2vl", "--out", str(tmp_path), "--json"]
    words += ["--set", f"model.path={folder.root}", "--set", "model.image_px=224"]
    with pytest.raises(SystemExit) as end:
        program(words)
    assert end.value.code in (None, 0)
    found = {f["check"]: f for f in json.loads(capsys.readouterr().out)["findings"]}
    assert found["family"]["found"] == "qwen2_vl, places as qwen2vl-norm1000"
    assert found["pictures"]["found"] == "images 224 px, 8 x 8 tokens; key frames 224 px"
    assert "there are" in found["memory"]["found"]
    with pytest.raises(SystemExit) as usage:
        program(["doctor", "--set", "fit.steps=1"])
    assert usage.value.code == 2
