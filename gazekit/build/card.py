"""What does the dataset card say? README.md, with the configuration that Hugging Face reads."""

from collections.abc import Mapping

import msgspec

from gazekit.build.responsible import responsible_ai
from gazekit.model.dataset import DatasetInfo
from gazekit.model.layout import DATASET_TABLES, OPTIONAL_TABLES
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
    "samples": "cleaned gaze at the tracker's rate",
    "audio": "a stretch of what was said, as FLAC: the voice of a person",
}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_RESPONSIBLE = {
    "rai:dataCollection": "Collection",
    "rai:dataAnnotationProtocol": "Annotation",
    "rai:dataCollectionMissingData": "Missing data",
    "rai:dataBiases": "Biases",
    "rai:dataLimitations": "Limits",
    "rai:personalSensitiveInformation": "Personal and sensitive information",
}


def card_text(info: DatasetInfo, stats: _Stats, reasons: Mapping[str, int]) -> str:
    """Return the card: YAML front matter with one configuration a table, then prose and tables."""
    sections = [
        _front_matter(info),
        f"# {info.name}\n\n{_opening(info)}",
        _counts(info),
        _quality(stats),
        _left_out(reasons),
        _use(info),
        _responsible(info),
        _made(info),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _tables(info: DatasetInfo) -> list[str]:
    return [*DATASET_TABLES, *(table for table in OPTIONAL_TABLES if table in info.counts)]


def _about(info: DatasetInfo) -> Mapping[str, object]:
    about = info.config.get("about")
    return about if isinstance(about, dict) else {}


def _front_matter(info: DatasetInfo) -> str:
    lines = ["---", f"pretty_name: {_quoted(info.name)}"]
    if license_ := _about(info).get("license"):
        lines.append(f"license: {_quoted(str(license_))}")
    lines += ["task_categories:", "- image-to-text", "- visual-question-answering"]
    lines += ["size_categories:", f"- {_size(sum(info.counts['keyframes'].values()))}"]
    lines += ["tags:", "- eye-tracking", "- radiology", "- medical"]
    lines += ["- synthetic"] if info.simulated else []
    lines.append("configs:")
    for table in _tables(info):
        # Hugging Face opens no split that has no row.
        held = [split for split, rows in info.counts[table].items() if rows]
        if not held:
            continue
        lines.append(f"- config_name: {table}")
        lines += ["  default: true"] if table == DATASET_TABLES[0] else []
        lines.append("  data_files:")
        for split in held:
            lines += [f"  - split: {split}", f"    path: data/{table}/{split}-*.parquet"]
    return "\n".join([*lines, "---"])


def _size(rows: int) -> str:
    return next((name for limit, name in _SIZES if rows < limit), "n>1M")


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
    for table in _tables(info):
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


def _use(info: DatasetInfo) -> str:
    side = info.heatmap_grid
    return f"""## How to read it

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
of {_sigma(info):g} degrees of visual angle; the stored {side} x {side} grid is for convenience.
`clusters` are the places looked at, in order. Boxes and centroids of gaze are never truth.
`labels` are the findings that a sentence asserts, of the 14 CheXpert classes, by a rule-based
proxy: not the CheXpert labeller, and not to be reported under its name. What a sentence denies or
leaves open is not among them.

Patients never stand in two splits. The same for machines: `croissant.json` (Croissant 1.1)."""


def _sigma(info: DatasetInfo) -> float:
    render = info.config.get("render")
    return float(render.get("sigma_deg", 1.0)) if isinstance(render, dict) else 1.0


def _responsible(info: DatasetInfo) -> str:
    fields = responsible_ai(info)
    lines = ["## Before you use it", ""]
    for term, title in _RESPONSIBLE.items():
        value = fields[term]
        told = value if isinstance(value, str) else " ".join(value)  # type: ignore[arg-type]
        lines.append(f"- **{title}.** {told}")
    return "\n".join(lines)


def _made(info: DatasetInfo) -> str:
    software = ", ".join(f"{name} {version}" for name, version in info.software.items())
    citation = _about(info).get("citation")
    cited = f"\n\n## How to cite it\n\n```bibtex\n{citation}\n```" if citation else ""
    return (
        f"## How it was made\n\nBy `gazekit build` ({software}), schema {info.schema_version}; "
        "the resolved configuration stands in `meta/info.json`.\n\n"
        f"Fingerprint: `{info.fingerprint}`{cited}"
    )
