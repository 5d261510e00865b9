"""What can a configuration say? A shipped one, with every key that it leaves out as a comment."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gazekit.model.config import parse_toml, to_toml
from gazekit.model.errors import UsageError
from gazekit.model.files import write_bytes
from trainer.config import TrainConfig, shipped_text

__all__ = ["template", "write_template"]

_MEANINGS = {
    "data.path": "the built dataset; --data sets it",
    "data.cache": "folder of decoded images; without it DATASET.cache or the run's own folder",
    "data.readings": "use the first so many readings of the train split",
    "data.questions": "a table of questions of your own",
    "data.held_out": "validation | train: what is measured on; train is for overfitting a few",
    "data.gaze": "own | shuffled (another reading's gaze: the control) | none (report only)",
    "data.workers": "loader processes; results do not depend on their number",
    "data.images": "cache (decoded once) | parquet (as needed) | auto: cache where there is room",
    "model.backbone": "embedded (from scratch) | hf (a vision-language model in a folder)",
    "model.path": "hf: the model's folder, or its hub id where the local cache has it",
    "model.download": "hf: fetch a hub id that is not in the cache; else nothing is fetched",
    "model.supervised_layers": "hf: layers whose attention follows gaze; empty: the family's own",
    "model.base_dtype": "hf: float32 | bfloat16, of the weights beside adapters",
    "model.patch": "hf: side of what becomes one token; read from the model",
    "lora.rank": "of the adapters of an hf model; 0 trains its own weights",
    "lora.targets": "projections that get an adapter; attention to gaze needs q_proj and k_proj",
    "model.image_px": "images are letterboxed to this square",
    "model.frame_px": "side of a key frame",
    "model.stem": "channels of the convolutions before the last; each halves the picture",
    "model.vocabulary": "upper bound of the BPE vocabulary learnt from the train split",
    "model.text_tokens": "longest text, in tokens",
    "model.coordinate_bins": "coordinate tokens along a side of the square",
    "model.heatmap_head": "a head that draws each sentence's map beside the attention",
    "model.encoder_weights": "a safetensors file that stem and encoder start from",
    "loss.attn_kl": "weight of KL(gaze || attention) beside the language loss; 0 turns it off",
    "loss.attn_js": "weight of the Jensen-Shannon divergence of attention and gaze",
    "loss.heatmap": "weight of the heatmap head's loss",
    "loss.gaze_tokens": "weight of the patch tokens, in a curriculum",
    "loss.boxes": "weight of the coordinate tokens, in a curriculum",
    "loss.order": "weight of the order tokens, in a curriculum",
    "loss.answers": "weight of the words that answer questions, in a curriculum",
    "loss.attn_rows": "each text row of a sentence follows its gaze | the mean of the rows does",
    "loss.sigma_patches": "a fixation is at least this wide, in patches",
    "optim.lr_vision": "of the image encoder, where it is another",
    "optim.lr_connector": "of the layers between image encoder and language model",
    "optim.lr_language": "of the language model",
    "optim.lr_adapters": "of the LoRA adapters",
    "optim.lr_heads": "of the new heads",
    "optim.frozen": "parts that do not learn: vision, connector, language, adapters, heads",
    "optim.final_lr": "share of the peak at the end of the cosine",
    "fit.batch": "readings that a process sees at once",
    "fit.accumulate": "so many batches a step, in every process of torchrun",
    "fit.ema": "decay of the mean of the weights that is measured and saved; 0: none",
    "fit.device": "cpu | cuda | auto",
    "fit.precision": "float32 | bfloat16 | auto: bfloat16 on a GPU that has it",
    "fit.shard": "none | fsdp: each process of torchrun keeps its share of every weight",
    "fit.checkpointing": "compute layers once more in the backward pass instead of keeping them",
    "fit.tensorboard": "files for TensorBoard beside metrics.jsonl (extra: tensorboard)",
    "fit.eval_readings": "held-out readings in each measurement",
    "fit.threads": "CPU threads; sums, and so results, may differ between numbers of threads",
}

_EXAMPLES = {"data.readings": "1000", "model.patch": "28"} | {
    f"optim.lr_{part}": "1e-5" for part in ("vision", "connector", "language", "adapters", "heads")
}
"""Of keys that are absent by default and no text."""


def template(name: str) -> str:
    """Return the text of a shipped configuration, completed by what it does not mention.

    Raises
    ------
    UsageError
        No configuration of that name is shipped.
    """
    text = shipped_text(name)
    resolved = parse_toml(text, TrainConfig, where=name)
    done: list[str] = []
    seen: set[str] = set()
    for head, lines in _sections(text):
        part = getattr(resolved, head, None)
        seen.add(head)
        done += [*lines, *_left_out(part, head, lines, text), ""]
    for head in TrainConfig.__struct_fields__:
        part = getattr(resolved, head)
        if head not in seen and isinstance(part, msgspec.Struct):
            done += [f"[{head}]", *_left_out(part, head, [], text), ""]
    return "\n".join(done)


def write_template(name: str, path: Path, *, force: bool = False) -> Path:
    """Write `template` to a file.

    Raises
    ------
    UsageError
        The file is there and `force` is not given, or no such configuration is shipped.
    """
    text = template(name)
    if path.exists() and not force:
        raise UsageError(
            "there is a file already", where=path.name, remedy="choose another --out, or --force"
        )
    write_bytes(path, text.encode())
    return path


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each section's name, empty before the first, and its lines without the last blanks."""
    head, lines = "", list[str]()
    for line in [*text.splitlines(), "[]"]:
        if line.startswith("["):
            while lines and not lines[-1].strip():
                lines.pop()
            yield head, lines
            head, lines = line.split("#")[0].strip("[] "), []
        lines.append(line)


def _left_out(part: object, head: str, lines: list[str], text: str) -> Iterator[str]:
    """Yield the keys of a section that its lines do not set, as comments."""
    if not isinstance(part, msgspec.Struct):
        return
    told = {line.split("=")[0].strip() for line in lines if "=" in line}
    for field in part.__struct_fields__:
        value, key = getattr(part, field), f"{head}.{field}"
        if isinstance(value, msgspec.Struct):
            if f"[{key}]" not in text:
                yield from _inner(field, value)
            continue
        if field in told:
            continue
        literal = _EXAMPLES.get(key, '""') if value is None else _literal(field, value)
        meaning = _MEANINGS.get(key)
        yield f"# {field} = {literal}" + (f"  # {meaning}" if meaning else "")


def _inner(field: str, part: msgspec.Struct) -> Iterator[str]:
    """Yield the keys of a section within a section; each is a table in one line."""
    for name in part.__struct_fields__:
        values = msgspec.to_builtins(getattr(part, name))
        shown = ", ".join(f"{key} = {value}" for key, value in values.items())
        yield f"# {field}.{name} = {{ {shown} }}"


def _literal(field: str, value: object) -> str:
    one = msgspec.defstruct("_One", [(field, type(value))])(value)
    return to_toml(one).partition("=")[2].strip()
