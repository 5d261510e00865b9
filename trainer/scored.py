"""What does a model say and attend on every reading of a split, counted?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gazekit.console import progress
from gazekit.metrics import SentenceLabeller, Votes
from trainer.checkpoint import Loaded
from trainer.corpus import Sample, sentence_labels
from trainer.data import Split, make_batch
from trainer.device import autocast, reading_device
from trainer.evidence import Written, teacher_forced, write_reports
from trainer.held_out import HeldOut, Renderer
from trainer.prediction import told
from trainer.region import Map
from trainer.score_evidence import Baselines, Others, count_evidence
from trainer.score_path import count_path, predicted_path, reader_path
from trainer.score_report import Reporter, count_report, count_votes
from trainer.tally import Tally
from trainer.tasks.scores import task_entries
from trainer.validation import chunks

__all__ = ["Case", "Scored", "score"]


@dataclass(frozen=True)
class Case:
    """What a model did on one reading: the maps of its true sentences, and its own report."""

    item: HeldOut
    maps: NDArray[np.float32]
    written: tuple[Written, ...]
    labels: frozenset[str]

    @property
    def report(self) -> str:
        """Return what the model wrote."""
        return " ".join(sentence.text for sentence in self.written)


@dataclass
class Scored:
    """Everything that was counted of a run on a split."""

    loaded: Loaded
    renderer: Renderer
    tally: Tally = field(default_factory=Tally)
    votes: dict[str, Votes] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)


def score(
    loaded: Loaded, split: Split, items: Sequence[HeldOut], train: Sequence[Sample]
) -> Scored:
    """Let a model read and write the reports of a split, and count what it does.

    Parameters
    ----------
    split, items
        The readings with their pixels, and what each is compared with, in the same order.
    train
        The training readings, for what words mean and for the mean map.
    """
    config = loaded.config
    loaded.model.to(reading_device(config.fit))
    renderer = Renderer(loaded.preprocess.size_px, loaded.model.grid, config.loss.sigma_patches)
    scored = Scored(loaded, renderer)
    judge = Reporter(
        SentenceLabeller(sentence_labels(train)),
        frozenset(box[0] for t in train for s in t.sentences for box in s.boxes),
        loaded.preprocess.size_px,
    )
    with progress("reading images", len(items)) as ticker:
        for rows in chunks(len(items), size=config.fit.batch):
            scored.cases += _read(loaded, split, [items[row] for row in rows], rows, judge)
            ticker.tick(len(rows))
    _count_reports(scored, judge)
    _count_maps(scored, Baselines.on(renderer.grid, _targets(train, renderer)))
    _count_paths(scored)
    _count_tasks(scored, split)
    return scored


def _read(
    loaded: Loaded, split: Split, items: Sequence[HeldOut], rows: Sequence[int], judge: Reporter
) -> list[Case]:
    device = loaded.model.device
    batch = make_batch(split, rows, loaded.tokenizer, loaded.config).to(device)
    with autocast(loaded.config.fit, device):
        _, maps = teacher_forced(loaded.model, batch)
        reports = write_reports(loaded.model, loaded.tokenizer, batch.images)
    return [
        Case(
            item,
            maps[i, : len(item.sample.sentences)],
            tuple(report),
            frozenset().union(*(judge.labeller(sentence.text) for sentence in report)),
        )
        for i, (item, report) in enumerate(zip(items, reports, strict=True))
    ]


def _count_reports(scored: Scored, judge: Reporter) -> None:
    reports = {case.item.sample.reading_id: case.report for case in scored.cases}
    for case in scored.cases:
        stranger = case.item.stranger
        other = None if stranger is None else reports[stranger.reading_id]
        count_report(scored.tally, case.item, case.written, other, judge)
        count_votes(scored.tally, case.item, case.labels, scored.votes)


def _count_maps(scored: Scored, baselines: Baselines) -> None:
    others = Others.of([case.item for case in scored.cases], scored.renderer)
    with progress("scoring maps", len(scored.cases)) as ticker:
        for case in scored.cases:
            count_evidence(
                scored.tally,
                case.item,
                case.maps,
                baselines=baselines,
                renderer=scored.renderer,
                others=others,
            )
            ticker.tick()


def _count_paths(scored: Scored) -> None:
    habits = scored.loaded.preprocess.habits
    paths = {
        case.item.sample.reading_id: reader_path(case.item.sample, scored.renderer)
        for case in scored.cases
    }
    with progress("comparing scanpaths", len(scored.cases)) as ticker:
        for case in scored.cases:
            square = scored.renderer.square(case.item.sample)
            _, trajectory = told(case.written, square, habits)
            count_path(scored.tally, case.item, predicted_path(trajectory), paths)
            ticker.tick()


def _count_tasks(scored: Scored, split: Split) -> None:
    loaded = scored.loaded
    rows = range(len(scored.cases))
    asked = task_entries(loaded.model, split, loaded.tokenizer, loaded.config, rows=rows)
    for name, row, value in asked:
        scored.tally.add(name, scored.cases[row].item.who, value)


def _targets(train: Sequence[Sample], renderer: Renderer) -> list[Map]:
    drawn = (
        renderer.gaze(sample, sentence.fixations)
        for sample in train
        for sentence in sample.sentences
        if sentence.fixations is not None
    )
    return [one for one in drawn if one is not None]
