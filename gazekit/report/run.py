"""How did a run learn, and how does it score beside what knows nothing about the image?"""

from collections.abc import Iterator
from typing import Any

import msgspec
from markupsafe import Markup

from gazekit.model.layout_runs import RunLayout
from gazekit.report.chart import Series, line_chart
from gazekit.report.page import Tile, note, number, row, tiles
from gazekit.report.table import Column, table

__all__ = ["evaluation_block", "training_block"]

_CHARTS = (
    ("Language loss", "nats per token", (("language", "train"), ("val_language", "validation"))),
    ("Gaze to attention", "KL, nats", (("attn_kl", "train"), ("val_attn_kl", "validation"))),
    ("Pointing game", "share of hits", (("val_pointing", "validation"),)),
)
_RIVALS = (
    ("", "Model"),
    ("_centre", "Centre prior"),
    ("_train_mean", "Mean training map"),
    ("_shuffled", "Shuffled gaze"),
    ("_readers", "Other readers"),
)
_NAMES = {
    "report_f1": "Report: finding F1",
    "lesion_f1": "Lesion F1: label and place",
    "pointing": "Pointing game",
    "miou": "mIoU: region and true box",
    "nss": "NSS at held-out fixations",
}


def training_block(run: RunLayout) -> Iterator[Markup]:
    """Yield the training curves; a note where there are none."""
    rows = list(_metrics(run))
    charts = []
    for title, label, lines in _CHARTS:
        series = [
            Series(
                name,
                [r["step"] for r in rows if key in r],
                [r[key] for r in rows if key in r],
            )
            for key, name in lines
            if any(key in r for r in rows)
        ]
        if series:
            charts.append(
                line_chart(series, title=title, x_label="step", y_label=label, from_zero=True)
            )
    if not charts:
        yield note("Not there: no training run. Run: make demo", tone="warn")
        return
    yield row(*charts)


def evaluation_block(run: RunLayout) -> Iterator[Markup]:
    """Yield headline figures and the table with baselines and controls."""
    if not run.evaluation.is_file():
        yield note("Not there: the run has not been evaluated. Run: make demo", tone="warn")
        return
    scored = msgspec.json.decode(run.evaluation.read_bytes(), type=dict[str, Any])
    figures: dict[str, dict[str, Any]] = scored.get("figures", {})
    yield tiles(
        Tile(number(figures[key]["value"], 2), name, _interval(figures[key]))
        for key, name in _NAMES.items()
        if key in figures
    )
    bases = [key for key in _NAMES if key in figures]
    rivals = [(s, name) for s, name in _RIVALS if any(f"{base}{s}" in figures for base in bases)]
    meanings: dict[str, str] = scored.get("meanings", {})
    columns: list[Column | str] = [
        "Figure",
        *(Column(name, numeric=True) for _, name in rivals),
        "What it is",
    ]
    rows = [
        [
            _NAMES[base],
            *(_value(figures.get(f"{base}{suffix}")) for suffix, _ in rivals),
            meanings.get(base, ""),
        ]
        for base in bases
    ]
    said = (
        f"{scored.get('readings')} {scored.get('split')} readings of {scored.get('patients')} "
        f"patients, checkpoint {scored.get('checkpoint')}; 95 % intervals by bootstrap over "
        "patients. A dash is a figure that has no such rival. The run's evaluation.html has all."
    )
    yield table(columns, rows, caption=said, sortable=False)


def _value(figure: dict[str, Any] | None) -> str | None:
    if figure is None:
        return None
    interval = _interval(figure)
    return f"{figure['value']:.3f}" + (f" ({interval})" if interval else "")


def _interval(figure: dict[str, Any]) -> str | None:
    low, high = figure.get("low"), figure.get("high")
    return None if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _metrics(run: RunLayout) -> Iterator[dict[str, float]]:
    for line in run.metrics.read_bytes().splitlines() if run.metrics.is_file() else ():
        try:
            yield msgspec.json.decode(line, type=dict[str, float])
        except msgspec.DecodeError:
            return
