"""What does the dataset card say? README.md, with the configuration that Hugging Face reads."""

from collections.abc import Mapping

import msgspec

from gazekit.model.dataset import DatasetInfo
from gazekit.model.layout import DATASET_TABLES
from gazekit.model.version import DISCLAIMER
from gazekit.read import REASONS

__all__ = ["card_text"]

_Stats = Mapping[str, Mapping[str, Mapping[str, float]]]

_TABLES = {
    "keyframes": "one image, one sentence, and the fixations of its window: the training row",
    "sentences": "every dictated sentence, with its words",
    "fixations": "every fixation, in image pixels",
    "readings": "one reader, one image: report, quality, counts",
    "images": "what was shown, as 8-bit PNG",
}


def card_text(info: DatasetInfo, stats: _Stats, reasons: Mapping[str, int]) -> str:
    """Return the card: YAML front matter with one configuration a table, then prose and tables."""
    sections = [
        _front_matter(info),
        f"# {info.name}\n\n{_opening(info)}",
        _counts(info),
        _quality(stats),
        _left_out(reasons),
        _use(),
        _made(info),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(info: DatasetInfo) -> str:
    lines = ["---", f"pretty_name: {_quoted(info.name)}", "tags:", "- eye-tracking", "- radiology"]
    lines += ["- synthetic"] if info.simulated else []
    lines.append("configs:")
    for table in DATASET_TABLES:
        lines.append(f"- config_name: {table}")
        lines += ["  default: true"] if table == DATASET_TABLES[0] else []
        lines.append("  data_files:")
        for split in info.counts[table]:
            lines += [f"  - split: {split}", f"    path: data/{table}/{split}-*.parquet"]
    return "\n".join([*lines, "---"])


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _opening(info: DatasetInfo) -> str:
    text = "Gaze of readers of radiographs, aligned to what they dictated and to the image."
    if info.simulated:
        text += (
            "\n\n**Synthetic data.** Gaze in this dataset was simulated; results on it are "
            "synthetic results."
        )
    return f"{text}\n\n{DISCLAIMER}"


def _counts(info: DatasetInfo) -> str:
    splits = list(info.counts["readings"])
    lines = [
        f"| table | what a row is | {' | '.join(splits)} |",
        f"|---|---|{'---:|' * len(splits)}",
    ]
    for table in DATASET_TABLES:
        numbers = " | ".join(f"{info.counts[table].get(split, 0):,}" for split in splits)
        lines.append(f"| {table} | {_TABLES[table]} | {numbers} |")
    return "## What it holds\n\n" + "\n".join(lines)


def _quality(stats: _Stats) -> str:
    shown = {
        "rate_hz": ("sampling rate, Hz", 1.0),
        "data_loss": ("samples without gaze, %", 100.0),
        "rms_s2s_deg": ("precision RMS-S2S, degrees", 1.0),
        "accuracy_deg": ("accuracy at validation, degrees", 1.0),
        "n_fixations": ("fixations a reading", 1.0),
    }
    readings = stats["readings"]
    lines = ["| by reading | mean | least | most |", "|---|---:|---:|---:|"]
    for name, (title, factor) in shown.items():
        if name in readings:
            values = (readings[name][key] * factor for key in ("mean", "min", "max"))
            lines.append(f"| {title} | {' | '.join(f'{value:.3g}' for value in values)} |")
    return "## Quality\n\n" + "\n".join(lines)


def _left_out(reasons: Mapping[str, int]) -> str:
    if not reasons:
        return "## What was left out\n\nNothing."
    meaning: dict[str, str] = dict(REASONS)  # type: ignore[arg-type]
    lines = ["| reason | count | meaning |", "|---|---:|---|"]
    lines += [f"| {name} | {count} | {meaning[name]} |" for name, count in reasons.items()]
    return "## What was left out\n\nEach with its id in `meta/exclusions.parquet`.\n\n" + "\n".join(
        lines
    )


def _use() -> str:
    return """## How to read it

```python
import pandas as pd
keyframes = pd.read_parquet("data/keyframes")

from datasets import load_dataset
keyframes = load_dataset(".", "keyframes")
```

Tables are linked by `reading_id`, `image_id` and `sentence_id`; columns stand in
`meta/schema.md`. Coordinates are image pixels: (0, 0) is the top-left corner of the top-left
pixel, and they refer to `width_px` x `height_px` of the image, which the PNG may be smaller than.
Times are microseconds from the reading's onset. Heatmaps are made from fixations, each a Gaussian
of one degree of visual angle; the stored 32 x 32 grid is for convenience. The `gaze_*` box is
derived from gaze and is never truth. `labels` come from a rule-based proxy labeller.

Patients never stand in two splits."""


def _made(info: DatasetInfo) -> str:
    software = ", ".join(f"{name} {version}" for name, version in info.software.items())
    return (
        f"## How it was made\n\nBy `gazekit build` ({software}), schema {info.schema_version}; "
        "the resolved configuration stands in `meta/info.json`.\n\n"
        f"Fingerprint: `{info.fingerprint}`"
    )
