"""What does an export of the pretraining tasks say of itself? How it was made, how to load it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gazekit.model.templates import TASKS
from gazekit.model.version import DISCLAIMER, __version__

if TYPE_CHECKING:
    from gazekit.export.tasks import TaskRecipe

__all__ = ["readme_text"]

_MEANING = {
    "trajectory": "image and all frames of the reading → the dictated report",
    "report": "image → the dictated report",
    "finding": "image and the frames of one sentence → that sentence",
    "perception": "image and a sentence → clues in the order of inspection, observation",
    "order_global": "image and one shuffled frame a sentence → their order, the report",
    "order_local": "image, a sentence and its shuffled clusters → their order",
    "grounding": "image and a sentence → boxes that a reader placed",
    "vqa": "image and a question → yes, no or uncertain, as a reader judged",
}
_LLAMAFACTORY = """```yaml
# in the configuration of llamafactory-cli train
dataset_dir: PATH/OF/THIS/FOLDER
dataset: {names}
template: qwen2_vl
```

Each `<image>` and `<video>` in a prompt has its entry in `images` or `videos`, in order. A video
is the list of its frames."""
_CHAT = """```python
from datasets import load_dataset
train = load_dataset("json", data_files="{file}", split="train")
```

Each line holds `messages` for a processor's `apply_chat_template`; `path` is relative to this
folder. A part of a message that has no path or no text has null there once it was loaded."""


def readme_text(
    recipe: "TaskRecipe", counts: Mapping[str, Mapping[str, int]], *, left_out: int
) -> str:
    """Return README.md: what the samples are, how many, how to load them."""
    options = recipe.options
    splits = list(dict.fromkeys(split for by_split in counts.values() for split in by_split))
    table = [f"| task | sample | {' | '.join(splits)} |", f"|---|---|{'---:|' * len(splits)}"]
    for task in TASKS:
        if task in counts:
            numbers = " | ".join(f"{counts[task].get(split, 0):,}" for split in splits)
            table.append(f"| {task} | {_MEANING[task]} | {numbers} |")
    synthetic = "**Synthetic data.** The gaze in it was simulated.\n\n" if recipe.simulated else ""
    missing = f"{left_out} samples were left out: their image is not in the dataset.\n\n"
    return (
        f"# {recipe.dataset}: pretraining tasks\n\n{synthetic}{DISCLAIMER}\n\n"
        + "\n".join(table)
        + f"\n\n{missing if left_out else ''}"
        + f"Exported by gazekit {__version__} from the dataset with fingerprint "
        f"`{recipe.fingerprint}`; templates {recipe.template_version}, seed {options.seed}, "
        f"coordinates {_coordinates(options.coordinates)}.\n\n"
        "Frames and boxes come from gaze and are never truth, save the boxes of `grounding`. "
        "Order answers give frame numbers from 1, first inspected first. Splits are the "
        "dataset's, by patient; ids are pseudonyms. Whoever may not have the dataset may not have "
        "this folder either.\n\n## How to load it\n\n" + _loading(recipe, counts) + "\n"
    )


def _coordinates(name: str) -> str:
    return "from 0 to 1000 along each side" if name == "norm1000" else "in pixels of the picture"


def _loading(recipe: "TaskRecipe", counts: Mapping[str, Mapping[str, int]]) -> str:
    task = next(iter(counts))
    split = next(iter(counts[task]))
    if recipe.format == "llamafactory":
        return _LLAMAFACTORY.format(names=f"{recipe.dataset}_{task}_{split}")
    return _CHAT.format(file=f"{task}-{split}.jsonl")
