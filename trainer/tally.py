"""What was counted on each held-out reading, and how is it summed to figures?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gazekit.metrics import Difference, Figure, paired_difference, sums_figure
from trainer.measures import MEASURES, base_of

__all__ = ["Entry", "Tally", "Who"]


@dataclass(frozen=True)
class Who:
    """Whose reading is counted."""

    patient: str
    reader: str


@dataclass(frozen=True)
class Entry:
    """What one reading, sentence or finding adds to the sums of a figure."""

    who: Who
    values: tuple[float, ...]
    findings: frozenset[str]


@dataclass
class Tally:
    """Entries by figure."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        who: Who,
        *values: float | None,
        findings: frozenset[str] = frozenset(),
    ) -> None:
        """Add to a figure: one value with the weight 1, or all that its statistic sums.

        None is a value that is not defined, and is left out.
        """
        given = [value for value in values if value is not None]
        if len(given) < len(values):
            return
        whole = (*map(float, given), 1.0) if len(given) == 1 else tuple(map(float, given))
        self.entries.setdefault(name, []).append(Entry(who, whole, findings))

    def figures(
        self, *, seed: int, where: Callable[[Entry], bool] | None = None
    ) -> dict[str, Figure]:
        """Sum to figures with their intervals; what cannot be computed is absent."""
        out = {}
        for name, every in self.entries.items():
            entries = every if where is None else [entry for entry in every if where(entry)]
            if not entries:
                continue
            values, patients = _columns(entries)
            statistic = MEASURES[base_of(name)[0]].statistic
            figure = sums_figure(values, statistic, patients=patients, seed=seed)
            if figure is not None:
                out[name] = figure
        return out

    def less(self, other: "Tally", *, seed: int) -> dict[str, Difference]:
        """Return each figure less that of another run, paired by patient."""
        out = {}
        for name in self.entries.keys() & other.entries.keys():
            statistic = MEASURES[base_of(name)[0]].statistic
            difference = paired_difference(
                _columns(self.entries[name]),
                _columns(other.entries[name]),
                statistic,
                seed=seed,
            )
            if difference is not None:
                out[name] = difference
        return out

    @property
    def findings(self) -> list[str]:
        """List the findings that anything was counted of."""
        return sorted({f for rows in self.entries.values() for e in rows for f in e.findings})

    @property
    def readers(self) -> list[str]:
        """List the readers."""
        return sorted({e.who.reader for rows in self.entries.values() for e in rows})


def _columns(
    entries: Sequence[Entry],
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], list[str]]:
    values = np.array([entry.values for entry in entries], np.float64)
    return values, [entry.who.patient for entry in entries]
