"""Does an image encoder start from weights that are there, and from no others?"""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from gazekit.model.errors import DataError, UsageError
from trainer.backbones.embedded import EmbeddedModel
from trainer.backbones.embedded_start import start_encoder
from trainer.config import ModelConfig


def _model(seed: int, *, image_px: int = 32, width: int = 16) -> EmbeddedModel:
    torch.manual_seed(seed)
    config = ModelConfig(image_px=image_px, frame_px=16, width=width, heads=2)
    return EmbeddedModel(config, vocabulary=20, mean=0.5, std=0.25).eval()


def test_the_encoder_is_taken_and_the_decoder_is_not(tmp_path: Path) -> None:
    donor, model = _model(0), _model(1)
    before = model.embedding.weight.clone()
    save_file(donor.state_dict(), tmp_path / "w.safetensors")
    assert start_encoder(model, tmp_path / "w.safetensors") > 10
    images = torch.randint(0, 256, (1, 1, 32, 32), dtype=torch.uint8)
    assert torch.equal(model.memory(images).hidden, donor.memory(images).hidden)
    assert torch.equal(model.embedding.weight, before)


def test_a_grid_of_another_side_is_stretched(tmp_path: Path) -> None:
    donor, model = _model(0), _model(1, image_px=64)
    save_file(donor.state_dict(), tmp_path / "w.safetensors")
    start_encoder(model, tmp_path / "w.safetensors")
    assert model.row.shape == (8, 1, 16)
    assert torch.allclose(model.row[0], donor.row[0])
    assert torch.equal(model.stem.norm.weight, donor.stem.norm.weight)


@pytest.mark.parametrize(
    ("made", "message"),
    [("width", "another shape"), ("none", "lack"), ("text", "cannot be read")],
)
def test_other_weights_are_named(tmp_path: Path, made: str, message: str) -> None:
    path = tmp_path / "w.safetensors"
    if made == "width":
        save_file(_model(0, width=32).state_dict(), path)
    elif made == "none":
        save_file({"other": torch.zeros(1)}, path)
    else:
        path.write_text("no weights", "utf-8")
    with pytest.raises(DataError, match=message) as caught:
        start_encoder(_model(1), path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.safetensors"):
        start_encoder(_model(1), tmp_path / "gone.safetensors")
