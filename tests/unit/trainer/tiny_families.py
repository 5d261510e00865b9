"""Tiny models of each family: random weights, a tokenizer and an image processor as they have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers import AutoConfig, AutoModelForImageTextToText, PreTrainedTokenizerFast

from trainer.backbones.hf_families import FAMILIES

__all__ = [
    "NAMES",
    "Sample",
    "frame_px",
    "image_px",
    "sample",
    "tiny_config",
    "tiny_model",
    "write_tiny",
]

_CORPUS = [
    "There is a nodule in the upper left zone. No effusion. The airway is midline.",
    "Write the report of this chest radiograph. Where is the finding? frame patch clue observation",
]
_CHATML = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ m['role'] }}\n"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}"
)
_QWEN = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|image_pad|>", "<|video_pad|>", "<|object_ref_start|>", "<|object_ref_end|>"),
    *("<|box_start|>", "<|box_end|>"),
)
_VICUNA = (
    "{% for m in messages %}{% if m['role'] == 'user' %}USER: {% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>\n{% else %}{{ c['text'] }} {% endif %}{% endfor %}"
    "{% else %}ASSISTANT: {{ m['content'][0]['text'] }}</s>{% endif %}{% endfor %}"
)
_TURNS = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<start_of_image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<end_of_turn>\n{% endfor %}"
)
_TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}
_ROPE = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 1, 1]}
_PATCHES = {"depth": 2, "num_heads": 2, "patch_size": 14, "spatial_merge_size": 2}
_TOWER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 112,
    "patch_size": 28,
}
_SIGLIP = {**_TOWER, "model_type": "siglip_vision_model", "vision_use_head": False}


@dataclass(frozen=True)
class _Tiny:
    """`tokens`: by their place in the configuration; `special`: all of them, `pad` first."""

    text: dict[str, Any]
    vision: dict[str, Any]
    special: tuple[str, ...]
    tokens: dict[str, str]
    processor: tuple[str, dict[str, Any]]
    bos: str | None
    eos: str
    template: str | None
    rest: dict[str, Any] = field(default_factory=dict)


def _qwen(text: dict[str, Any], vision: dict[str, Any], processor: dict[str, Any]) -> _Tiny:
    return _Tiny(
        text={**_TEXT, "rope_parameters": _ROPE, **text},
        vision={**_PATCHES, **vision},
        special=_QWEN,
        tokens={
            "image_token_id": "<|image_pad|>",
            "video_token_id": "<|video_pad|>",
            "vision_start_token_id": "<|vision_start|>",
            "vision_end_token_id": "<|vision_end|>",
        },
        processor=("Qwen2VLImageProcessorPil", processor),
        bos=None,
        eos="<|im_end|>",
        template=_CHATML,
        rest={"tie_word_embeddings": True},
    )


_SIZES = {"size": {"shortest_edge": 56 * 56, "longest_edge": 10**6}}
_HALVES = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
_SQUARE = {"size": {"height": 112, "width": 112}, **_HALVES}
_TINY = {
    "qwen2_vl": _qwen({}, {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}, _SIZES),
    "qwen2_5_vl": _qwen(
        {},
        {
            "hidden_size": 32,
            "intermediate_size": 64,
            "out_hidden_size": 32,
            "window_size": 56,
            "fullatt_block_indexes": [1],
        },
        _SIZES,
    ),
    "qwen3_vl": _qwen(
        {"head_dim": 8, "rope_parameters": {**_ROPE, "mrope_interleaved": True}},
        {
            "hidden_size": 32,
            "intermediate_size": 64,
            "out_hidden_size": 32,
            "patch_size": 16,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0, 1],
        },
        {**_SIZES, **_HALVES, "patch_size": 16},
    ),
    "llava": _Tiny(
        text={**_TEXT, "model_type": "llama"},
        vision={**_TOWER, "model_type": "clip_vision_model", "projection_dim": 32},
        special=("<unk>", "<s>", "</s>", "<image>"),
        tokens={"image_token_index": "<image>"},
        processor=(
            "CLIPImageProcessorPil",
            {"size": {"shortest_edge": 112}, "crop_size": {"height": 112, "width": 112}},
        ),
        bos="<s>",
        eos="</s>",
        template=_VICUNA,
        rest={"image_seq_length": 16},
    ),
    "gemma3": _Tiny(
        text={
            **_TEXT,
            "model_type": "gemma3_text",
            "head_dim": 8,
            "query_pre_attn_scalar": 8,
            "sliding_window": 6,
            "layer_types": ["sliding_attention", "full_attention"] * 2,
        },
        vision={**_SIGLIP, "patch_size": 14},
        special=(
            *("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
            *("<start_of_image>", "<end_of_image>", "<image_soft_token>"),
        ),
        tokens={
            "image_token_index": "<image_soft_token>",
            "boi_token_index": "<start_of_image>",
            "eoi_token_index": "<end_of_image>",
        },
        processor=("Gemma3ImageProcessorPil", _SQUARE),
        bos="<bos>",
        eos="<eos>",
        template=_TURNS,
        rest={"mm_tokens_per_image": 16},
    ),
    "paligemma": _Tiny(
        text={**_TEXT, "model_type": "gemma", "head_dim": 8, "num_key_value_heads": 1},
        vision=_SIGLIP,
        special=("<pad>", "<eos>", "<bos>", "<image>", *(f"<loc{at:04d}>" for at in range(1024))),
        tokens={"image_token_index": "<image>"},
        processor=("SiglipImageProcessorPil", _SQUARE),
        bos="<bos>",
        eos="<eos>",
        template=None,
        rest={"projection_dim": 32, "hidden_size": 32},
    ),
}
NAMES = tuple(_TINY)


def image_px(family: str) -> int:
    """Return the side of pictures: 4 x 4 tokens."""
    return 128 if family == "qwen3_vl" else 112


def frame_px(family: str) -> int:
    """Return the side of key frames; 2 x 2 tokens of families that take several sizes."""
    return image_px(family) // 2 if family.startswith("qwen") else image_px(family)


def _tokenizer(tiny: _Tiny) -> Any:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=len(tiny.special) + 310,
        special_tokens=list(tiny.special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_CORPUS, trainer)
    if tiny.bos:
        start = (tiny.bos, tokenizer.token_to_id(tiny.bos))
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{tiny.bos} $A", pair=f"{tiny.bos} $A $B", special_tokens=[start]
        )
    made = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=tiny.bos,
        eos_token=tiny.eos,
        pad_token=tiny.special[0],
        additional_special_tokens=list(tiny.special[1:]),
    )
    made.chat_template = tiny.template
    return made


def tiny_config(family: str, **text: Any) -> Any:
    """Return the configuration of a tiny model; `text` changes that of its language model."""
    tiny = _TINY[family]
    tokenizer = _tokenizer(tiny)
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in tiny.tokens.items()}
    ends = {
        name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")
    }
    return AutoConfig.for_model(
        family,
        text_config={**tiny.text, "vocab_size": len(tokenizer), **ends, **text},
        vision_config=tiny.vision,
        **ids,
        **tiny.rest,
    )


def tiny_model(family: str, **text: Any) -> Any:
    """Return a tiny model of random weights, always the same; `text` as in `tiny_config`."""
    torch.manual_seed(0)
    config = tiny_config(family, **text)
    model: Any = AutoModelForImageTextToText.from_config(config)  # type: ignore[no-untyped-call]
    if family == "gemma3":  # begins with zeros here, so that no picture would be seen
        torch.nn.init.normal_(model.model.multi_modal_projector.mm_input_projection_weight, std=0.2)
    return model


def write_tiny(root: Path, family: str) -> Path:
    """Write a folder as the hub has it: weights, configuration, tokenizer, image processor."""
    import transformers

    tiny = _TINY[family]
    tiny_model(family).save_pretrained(root)
    _tokenizer(tiny).save_pretrained(root)
    name, settings = tiny.processor
    getattr(transformers, name)(**settings).save_pretrained(root)
    return root


@dataclass(frozen=True)
class Sample:
    """Arguments of a pass; `rows` and `keys`: places of the answer and of the picture's tokens."""

    inputs: dict[str, Tensor]
    rows: Tensor
    keys: Tensor


_BEFORE, _ASKED, _PATCHES_SHOWN = 3, 4, 16


def sample(config: Any, answers: Sequence[int], *, left: bool = False) -> Sample:
    """Return sequences of a picture, a question, and answers of so many random tokens.

    The shorter ones are padded on the right, or on the left.
    """
    family = FAMILIES[config.model_type]
    whole = _BEFORE + _PATCHES_SHOWN + _ASKED + max(answers)
    text = config.get_text_config()
    ids = torch.randint(len(_TINY[family.name].special), text.vocab_size, (len(answers), whole))
    at = torch.arange(whole).expand(len(answers), -1)
    ends = torch.tensor(answers)[:, None] + (whole - max(answers))
    at = at - (whole - ends) if left else at
    there = (at >= 0) & (at < ends)
    pictures = (at >= _BEFORE) & (at < _BEFORE + _PATCHES_SHOWN)
    ids = ids.masked_fill(pictures, config.image_token_id).masked_fill(~there, text.pad_token_id)
    asked = at < _BEFORE + _PATCHES_SHOWN + _ASKED
    first = min(answers)
    rows = torch.stack(
        [(one & two).nonzero()[-first:, 0] for one, two in zip(there, ~asked, strict=True)]
    )
    keys = torch.stack([one.nonzero()[:, 0] for one in pictures])
    return Sample(
        {
            "input_ids": ids,
            "attention_mask": there.long(),
            **_pixels(config, len(answers)),
            **family.token_types(pictures=pictures, answer=~asked),
        },
        rows,
        keys,
    )


def _pixels(config: Any, count: int) -> dict[str, Tensor]:
    vision = config.vision_config
    merge = getattr(vision, "spatial_merge_size", None)
    if merge is None:
        return {"pixel_values": torch.randn(count, 3, vision.image_size, vision.image_size)}
    side = 4 * merge
    patch = 3 * vision.temporal_patch_size * vision.patch_size**2
    grid = torch.tensor([[1, side, side]] * count)
    return {"pixel_values": torch.randn(count * side**2, patch), "image_grid_thw": grid}
