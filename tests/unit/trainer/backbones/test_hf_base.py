"""Is a model that cannot be trained refused in one line, and nothing fetched?"""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

from gazekit.model.errors import DataError, GazekitError, UnfitError, UsageError
from gazekit.model.layout_runs import ModelLayout
from tests.unit.trainer.backbones.test_hf import folder_of
from trainer import environment
from trainer.backbones import choice
from trainer.backbones.hf_base import base_of, model_folder, require_base
from trainer.backbones.hf_open import open_model, open_words
from trainer.config import LoraConfig, ModelConfig, TrainConfig, load_config


def _config(path: Path | str, *, image_px: int = 112, rank: int = 4) -> TrainConfig:
    model = ModelConfig(backbone="hf", path=str(path), image_px=image_px, frame_px=56)
    return TrainConfig(model=model, lora=LoraConfig(rank=rank))


@pytest.fixture
def copied(tmp_path: Path) -> ModelLayout:
    return ModelLayout(shutil.copytree(folder_of("qwen2_vl").root, tmp_path / "model"))


def _line(error: GazekitError) -> str:
    line = str(error)
    assert "\n" not in line
    return line


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        choice.settled(_config(tmp_path / "nowhere"))
    assert "no such folder" in _line(told.value)


def test_a_hub_id_without_a_local_copy_is_told_and_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UsageError) as told:
        choice.settled(_config("nobody/qwen2-vl-of-no-one"))
    assert "model.download=true" in _line(told.value)


def test_a_folder_without_weights_is_told(copied: ModelLayout) -> None:
    for path in copied.weights():
        path.unlink()
    with pytest.raises(DataError) as told:
        model_folder(_config(copied.root).model)
    assert "*.safetensors" in _line(told.value)


def test_a_family_that_is_not_known_is_told(copied: ModelLayout) -> None:
    settings = json.loads(copied.config.read_text())
    copied.config.write_text(json.dumps(settings | {"model_type": "qwen9_vl"}))
    with pytest.raises(UsageError) as told:
        choice.settled(_config(copied.root))
    assert "qwen2_vl" in _line(told.value)


def test_a_size_that_is_no_multiple_of_the_patch_is_told() -> None:
    with pytest.raises(UsageError) as told:
        choice.settled(_config(folder_of("qwen2_vl").root, image_px=100))
    assert "model.image_px=112" in _line(told.value)


def test_a_damaged_tokenizer_and_damaged_weights_are_told(copied: ModelLayout) -> None:
    words = open_words(copied)
    copied.weights()[0].write_bytes(b"not weights")
    config = choice.settled(_config(copied.root))
    with pytest.raises(DataError) as told:
        open_model(copied, words, config)
    _line(told.value)
    copied.tokenizer.write_text("{")
    with pytest.raises(DataError) as told:
        open_words(copied)
    _line(told.value)


def test_a_target_that_is_not_there_is_told_with_a_near_one() -> None:
    folder = folder_of("qwen2_vl")
    config = TrainConfig(
        model=choice.settled(_config(folder.root)).model, lora=LoraConfig(targets=("q_prj",))
    )
    with pytest.raises(UsageError) as told:
        open_model(folder, open_words(folder), config)
    assert "q_proj" in _line(told.value)


def test_a_family_that_talks_by_a_template_is_refused_without_one(copied: ModelLayout) -> None:
    copied.chat_templates[0].unlink()
    with pytest.raises(DataError) as told:
        open_words(copied)
    assert "chat template" in _line(told.value)


def test_another_model_of_the_same_shape_is_not_taken_for_the_base(copied: ModelLayout) -> None:
    known = base_of(copied)
    require_base(copied, known)
    weights = bytearray(copied.weights()[0].read_bytes())
    weights[-1] ^= 1
    copied.weights()[0].write_bytes(weights)
    with pytest.raises(DataError) as told:
        require_base(copied, known)
    assert "weights differ" in _line(told.value)


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ('model.path="x"', "model.path"),
        ("lora.rank=4", "lora"),
        ("model.patch=28", "model.patch"),
        ('model.backbone="hf"', "model.path"),
    ],
)
def test_keys_of_the_other_backbone_are_refused(setting: str, key: str) -> None:
    with pytest.raises(UsageError) as told:
        load_config("nano", [setting])
    assert key in _line(told.value)


def test_packages_that_do_not_fit_are_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "installed", lambda name: f"5.2.{len(name)}")
    with pytest.raises(UnfitError) as told:
        choice.settled(_config("nobody/model"))
    assert "too old" in _line(told.value)
