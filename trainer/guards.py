"""Does a dataset keep its splits apart? One patient, or one picture, belongs to one of them."""

from collections import defaultdict

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError

__all__ = ["require_apart"]


def require_apart(dataset: Dataset) -> None:
    """Raise DataError where a patient or a picture is in more than one split.

    Patients are counted, never named.
    """
    for column, noun in (("patient_id", "patient"), ("sha256", "image")):
        splits: dict[str, set[str]] = defaultdict(set)
        for split in dataset.splits:
            for batch in dataset.batches("images", split, columns=[column]):
                for value in batch.column(0).to_pylist():
                    if value:
                        splits[value].add(split)
        shared = [names for names in splits.values() if len(names) > 1]
        if shared:
            both = " and ".join(sorted(shared[0]))
            raise DataError(
                f"{len(shared)} {noun}{'s are' if len(shared) > 1 else ' is'} in two splits, "
                f"so that what is measured would be leaked",
                where=dataset.root.name,
                found=f"in {both}",
                remedy="build it again: gazekit build keeps patients and images apart",
            )
