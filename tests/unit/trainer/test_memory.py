"""Is the memory that is computed that of the real model, and of what a pass really keeps?"""

import json
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

import torch
from msgspec.structs import replace

from gazekit.model.layout_runs import ModelLayout
from tests.unit.trainer.tiny_families import write_tiny
from trainer.backbones.hf_open import empty_model, open_model, open_words, settled, shape_of
from trainer.config import TrainConfig, load_config
from trainer.memory import Memory, memory_of

CPU = torch.device("cpu")
REAL_2B = {
    "model_type": "qwen2_vl",
    "hidden_size": 1536,
    "intermediate_size": 8960,
    "num_hidden_layers": 28,
    "num_attention_heads": 12,
    "num_key_value_heads": 2,
    "vocab_size": 151936,
    "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
    "tie_word_embeddings": True,
    "vision_config": {"depth": 32, "embed_dim": 1280, "num_heads": 16, "hidden_size": 1536},
}


def _config(folder: ModelLayout, *settings: str) -> TrainConfig:
    return load_config("gazex_qwen2vl", [f'model.path="{folder.root}"', *settings])


def _of(folder: ModelLayout, config: TrainConfig, *, processes: int = 1) -> Memory:
    vlm, shape = empty_model(folder, config), shape_of(folder)
    return memory_of(vlm, config, shape, CPU, processes=processes)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> ModelLayout:
    return ModelLayout(write_tiny(tmp_path_factory.mktemp("models") / "qwen", "qwen2_vl"))


def test_the_real_size_is_counted_without_its_weights(tmp_path: Path, tiny: ModelLayout) -> None:
    folder = ModelLayout(tmp_path)
    folder.config.write_text(json.dumps(REAL_2B), "utf-8")
    folder.processors[0].write_bytes(tiny.processors[0].read_bytes())
    adapters = _of(folder, _config(folder))
    of_lora = 28 * 16 * 2 * ((1536 + 1536) + (1536 + 256))  # q and o, k and v
    assert adapters.weights == 2_208_985_600 * 2 + of_lora * 4
    assert adapters.learning == of_lora * 12
    words = _config(folder, "lora.rank=0")
    whole = _of(folder, words)
    assert whole.weights == 2_208_985_600 * 4
    assert whole.learning == 1_543_714_304 * 12, "the image encoder is frozen"
    shared = _of(folder, _config(folder, "lora.rank=0", "fit.shard=fsdp"), processes=8)
    assert shared.fixed == pytest.approx(whole.fixed / 8, abs=2)


@pytest.mark.parametrize("checkpointing", ["true", "false"])
def test_no_batch_keeps_more_than_is_computed(tiny: ModelLayout, checkpointing: str) -> None:
    config = _config(
        tiny,
        *("model.image_px=224", "model.text_tokens=64", "model.base_dtype=float32", "fit.batch=2"),
        *(f"fit.checkpointing={checkpointing}", "fit.precision=float32", "curriculum=[]"),
    )
    config = replace(config, model=settled(config.model, tiny))
    model = open_model(tiny, open_words(tiny), config).train()
    if config.fit.checkpointing:
        model.recompute_layers()
    owned = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(saved: torch.Tensor) -> torch.Tensor:
        if saved.untyped_storage().data_ptr() not in owned:
            kept[saved.untyped_storage().data_ptr()] = saved
        return saved

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda saved: saved):
        images = torch.zeros(2, 1, 224, 224, dtype=torch.uint8)
        model(images, torch.zeros(2, 64, dtype=torch.int64))
    size = sum(saved.untyped_storage().nbytes() for saved in kept.values())
    computed = _of(tiny, config).batch
    assert computed / 4 < size < computed
