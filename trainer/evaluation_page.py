"""How does an evaluation look: figures beside their baselines, curves, best and worst cases?"""

from collections.abc import Iterable, Iterator, Mapping

from markupsafe import Markup

from gazekit.metrics import Difference, Figure, Votes
from gazekit.model.dataset import Dataset
from gazekit.model.layout_runs import RunLayout
from gazekit.report import (
    Cell,
    Column,
    Page,
    Section,
    Tile,
    facts,
    note,
    number,
    prose,
    section,
    table,
    tiles,
)
from gazekit.report.run import training_block
from trainer.evaluation import Comparison, Evaluation
from trainer.gallery import gallery_sections
from trainer.measures import MEASURES, RIVALS, base_of
from trainer.scored import Scored

__all__ = ["evaluation_page"]

_HEADLINES = ("report_f1", "lesion_f1", "pointing", "miou", "nss", "scanmatch")
_BREAKDOWN = ("report_f1", "lesion_f1", "pointing", "miou", "centroid_error", "nss", "gaze_cosine")
_READERS = ("report_f1", "bleu4", "pointing", "miou", "nss", "gaze_cosine", "scanmatch")
_POSITIVE = 1e-9
"""Keeps what is nearly 0 from being written with a minus."""

_HEADS = {
    "": "Model",
    "_centre": "Centre prior",
    "_train_mean": "Mean training map",
    "_shuffled": "Another image's",
    "_own_gaze": "Own gaze",
    "_readers": "Other readers",
    "_majority": "Usual answer",
    "_as_shown": "As shown",
}
_TASKS = {
    "report": "Report",
    "grounding": "Grounding: the region of a sentence against the true box",
    "gaze": "Gaze: the map of a sentence against where its reader looked",
    "scanpath": "Scanpath: the predicted inspection against the reader's",
    "agreement": "Agreement with the majority of readers",
    "order": "Order",
    "vqa": "Questions",
    "tokens": "Boxes that the model tells as tokens",
}


def evaluation_page(result: Evaluation, scored: Scored, dataset: Dataset, run: RunLayout) -> Page:
    """Make the page of an evaluation."""
    sections: list[Section] = [
        section("Figures", *_figures(result), intro=_intro(result)),
    ]
    if result.against is not None:
        sections.append(section("Against another run", *_against(result, result.against)))
    sections += [
        section("By finding", _parts(result.by_finding, _BREAKDOWN, "Finding")),
        section("By reader", _parts(result.by_reader, _READERS, "Reader"), *_votes(result.votes)),
        section("Training", *training_block(run)),
        *gallery_sections(scored, dataset, result.split),
    ]
    return Page(
        kind="Evaluation",
        title=f"Run {run.root.resolve().name}",
        lead=f"{result.readings:,} readings of the {result.split} split, {result.patients:,} "
        f"patients, {result.readers:,} readers; checkpoint {result.checkpoint}.",
        sections=tuple(sections),
        simulated="images, gaze and dictation" if result.simulated else None,
        foot=f"Dataset fingerprint {result.fingerprint[:16]}.",
    )


def _intro(result: Evaluation) -> str:
    missing = [name for suffix, name in _HEADS.items() if suffix and not _has(result, suffix)]
    absent = f" Absent here: {', '.join(missing).lower()}." if missing else ""
    several = "" if _has(result, "_readers") else " No image has a second reader."
    return (
        "In brackets the 95 % interval by bootstrap over patients. A dash is a figure that has no "
        f"such rival or is not defined; it is never 0.{absent}{several}"
    )


def _has(result: Evaluation, suffix: str) -> bool:
    return any(base_of(name)[1] == suffix for name in result.figures)


def _figures(result: Evaluation) -> Iterator[Markup]:
    yield tiles(
        Tile(number(result.figures[name].value, 2), MEASURES[name].name, _span(result, name))
        for name in _HEADLINES
        if name in result.figures
    )
    for task, names in result.tasks.items():
        bases = list(dict.fromkeys(base_of(name)[0] for name in names))
        suffixes = [s for s in _HEADS if any(f"{base}{s}" in result.figures for base in bases)]
        yield table(
            [
                "Figure",
                *(Column(_HEADS[s], numeric=True, meaning=RIVALS.get(s)) for s in suffixes),
                "What it is",
            ],
            [
                [
                    MEASURES[base].name,
                    *(_cell(result.figures.get(f"{base}{suffix}")) for suffix in suffixes),
                    MEASURES[base].meaning,
                ]
                for base in bases
            ],
            caption=f"{_TASKS[task]}: {len(bases)} figures, with 95 % intervals.",
            sortable=False,
        )
    yield prose(f"A region is {result.region_rule}.")


def _against(result: Evaluation, other: Comparison) -> Iterator[Markup]:
    yield facts(
        [
            ("Other run", f"{other.run}, {other.checkpoint}"),
            ("Its gaze", other.gaze),
            ("Gaze of this run", result.gaze),
        ]
    )
    yield table(
        ["Figure", Column("This less other", numeric=True), "95 % interval", "Verdict"],
        [
            [
                MEASURES[name].name,
                Cell(f"{difference.value:+.3f}", difference.value),
                _interval(difference),
                _verdict(name, difference),
            ]
            for name, difference in other.differences.items()
        ],
        caption="Paired by patient: each draw takes the same patients for both runs.",
    )


def _verdict(name: str, difference: Difference) -> Cell:
    if difference.low is None or difference.high is None:
        return Cell("one patient", tone="quiet")
    if difference.low <= 0 <= difference.high:
        return Cell("not told apart", tone="quiet")
    better = (difference.value > 0) == MEASURES[name].higher
    return Cell("better", tone="good") if better else Cell("worse", tone="bad")


def _parts(parts: Mapping[str, Mapping[str, Figure]], names: Iterable[str], head: str) -> Markup:
    shown = [name for name in names if any(name in figures for figures in parts.values())]
    if not shown:
        return note(f"Nothing was counted by {head.lower()}.")
    return table(
        [head, *(Column(MEASURES[name].name, numeric=True) for name in shown)],
        [[part, *(_cell(figures.get(name)) for name in shown)] for part, figures in parts.items()],
        caption=f"The model's figures by {head.lower()}, with 95 % intervals.",
    )


def _votes(votes: Mapping[str, Votes]) -> Iterator[Markup]:
    if not votes:
        yield note("No image was read by several readers, so there is no majority to vote with.")
        return
    yield table(
        ["Rater", *(Column(name, numeric=True) for name in ("TP", "FN", "FP"))],
        [[rater, one.tp, one.fn, one.fp] for rater, one in votes.items()],
        caption="Finding labels against the majority, floor(n / 2) + 1, of the image's readers; a "
        "reader's own vote is left out. The model is held against every such panel.",
    )


def _cell(figure: Figure | None) -> Cell | None:
    if figure is None:
        return None
    low, high = figure.low, figure.high
    span = "" if low is None or high is None else f" ({low:.2f}, {high:.2f})"
    return Cell(f"{figure.value + _POSITIVE:.3f}{span}", figure.value)


def _span(result: Evaluation, name: str) -> str | None:
    return _interval(result.figures[name])


def _interval(figure: Figure | Difference) -> str | None:
    if figure.low is None or figure.high is None:
        return None
    return f"{figure.low:.3f} to {figure.high:.3f}"
