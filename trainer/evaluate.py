"""How good is a run on held-out readings, beside what needs no image at all, and another run?"""

from collections.abc import Iterable
from pathlib import Path

import torch
from msgspec.structs import replace

from gazekit.metrics import Figure
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import UsageError
from gazekit.model.files import write_json
from gazekit.model.layout_runs import RunLayout
from trainer.checkpoint import Loaded, load_checkpoint, newest
from trainer.corpus import load_samples
from trainer.data import Split
from trainer.evaluation import Comparison, Evaluation
from trainer.evaluation_page import evaluation_page
from trainer.held_out import held_out
from trainer.imagecache import open_images
from trainer.measures import MEASURES, TASKS, base_of, meaning_of
from trainer.prepare import require_same_data
from trainer.scored import Scored, score
from trainer.tally import Entry, Tally
from trainer.tasks import bank_of

__all__ = ["evaluate"]


def evaluate(
    run: RunLayout,
    *,
    split: str = "test",
    data: Path | None = None,
    other_data: bool = False,
    against: RunLayout | None = None,
) -> Evaluation:
    """Score the best checkpoint of a run; write ``evaluation.json`` and ``evaluation.html``.

    Parameters
    ----------
    data
        The dataset, where it is no longer at the place that the run remembers.
    other_data
        Accept a dataset with another fingerprint.
    against
        Another run, scored on the same readings, whose figures are taken from this one's.

    Raises
    ------
    DataError
        There is no run, the split is missing or empty, the dataset is not the run's.
    """
    loaded = load_checkpoint(newest(run, pointer="best"))
    rival = None if against is None else load_checkpoint(newest(against, pointer="best"))
    dataset = _dataset(loaded, data)
    for one in (loaded, rival):
        if one is not None and not other_data:
            require_same_data(one, dataset)
    seed = loaded.config.fit.seed
    scored = _score(loaded, dataset, split, home=run, seed=seed)
    result = _evaluation(scored, dataset, split, seed=seed)
    if against is not None and rival is not None:
        other = _score(rival, dataset, split, home=against, seed=seed)
        result = replace(result, against=_comparison(scored, other, against, seed=seed))
    write_json(run.evaluation, result)
    evaluation_page(result, scored, dataset, run).write(run.evaluation_page)
    return result


def _dataset(loaded: Loaded, data: Path | None) -> Dataset:
    path = data or loaded.config.data.path
    if path is None:
        raise UsageError("no dataset is named", remedy="give one with --data DATASET")
    return open_dataset(path)


def _score(loaded: Loaded, dataset: Dataset, split: str, *, home: RunLayout, seed: int) -> Scored:
    torch.set_num_threads(loaded.config.fit.threads)
    samples = load_samples(dataset, split)
    pixels = open_images(dataset, split, loaded.config, home=home.root)
    items = held_out(dataset, split, samples, seed=seed)
    bank = bank_of(dataset, samples, loaded.config)
    own = Split(samples, pixels, range(len(samples)), bank)
    return score(loaded, own, items, load_samples(dataset, "train"))


def _evaluation(scored: Scored, dataset: Dataset, split: str, *, seed: int) -> Evaluation:
    tally, people = scored.tally, [case.item.who for case in scored.cases]
    figures = tally.figures(seed=seed)
    return Evaluation(
        checkpoint=scored.loaded.layout.root.name,
        split=split,
        fingerprint=dataset.info.fingerprint,
        simulated=dataset.info.simulated,
        readings=len(people),
        patients=len({who.patient for who in people}),
        readers=len({who.reader for who in people}),
        gaze=scored.loaded.config.data.gaze,
        figures=figures,
        tasks=_by_task(figures),
        by_finding={name: _of_finding(tally, name, seed) for name in tally.findings},
        by_reader={name: _of_reader(tally, name, seed) for name in tally.readers},
        votes=scored.votes,
        meanings={name: meaning_of(name) for name in figures},
    )


def _by_task(figures: Iterable[str]) -> dict[str, tuple[str, ...]]:
    tasks = {name: MEASURES[base_of(name)[0]].task for name in figures}
    found = {task: tuple(n for n, of in tasks.items() if of == task) for task in TASKS}
    return {task: names for task, names in found.items() if names}


def _of_finding(tally: Tally, finding: str, seed: int) -> dict[str, Figure]:
    return _own(tally.figures(seed=seed, where=lambda entry: finding in entry.findings))


def _of_reader(tally: Tally, reader: str, seed: int) -> dict[str, Figure]:
    def hers(entry: Entry) -> bool:
        return entry.who.reader == reader

    return _own(tally.figures(seed=seed, where=hers))


def _own(figures: dict[str, Figure]) -> dict[str, Figure]:
    return {name: figure for name, figure in figures.items() if not base_of(name)[1]}


def _comparison(scored: Scored, other: Scored, run: RunLayout, *, seed: int) -> Comparison:
    differences = scored.tally.less(other.tally, seed=seed)
    return Comparison(
        run=run.root.name,
        checkpoint=other.loaded.layout.root.name,
        gaze=other.loaded.config.data.gaze,
        differences={n: d for n, d in sorted(differences.items()) if not base_of(n)[1]},
    )
