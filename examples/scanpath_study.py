"""Do scanpaths of one reader resemble each other more than those of two readers?

    python examples/scanpath_study.py DATASET scanmatch.png

Every pair of readings gets a ScanMatch score. Pairs share readings, so they are no independent
sample: the test shuffles which reader made which reading, and n is the number of readings.
"""

import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import permutation_test

from gazekit.metrics import Scanpath, scanmatch

MOST_READINGS = 24


def scanpaths(dataset: Path) -> tuple[list[str], list[Scanpath]]:
    """Return the reader and the scanpath of the first readings, in the order of their ids.

    Images differ in size, so places are shares of width and height; fixations beside the image are
    left out.
    """
    images = pd.read_parquet(
        dataset / "data" / "images", columns=["image_id", "width_px", "height_px"]
    )
    fixations = pd.read_parquet(dataset / "data" / "fixations").merge(images, on="image_id")
    fixations["x"] = fixations["x_px"] / fixations["width_px"]
    fixations["y"] = fixations["y_px"] / fixations["height_px"]
    on_image = fixations["x"].between(0, 1) & fixations["y"].between(0, 1)
    readers, paths = [], []
    for _, found in list(fixations[on_image].groupby("reading_id"))[:MOST_READINGS]:
        path = found.sort_values("fixation_index")
        readers.append(str(path["reader_id"].iloc[0]))
        paths.append(Scanpath.of(path["x"], path["y"], path["duration_us"]))
    return readers, paths


def likeness(paths: list[Scanpath]) -> NDArray[np.float64]:
    """Return ScanMatch of every pair, symmetric, shape (n, n); NaN on the diagonal."""
    scores = np.full((len(paths), len(paths)), np.nan)
    for i, j in combinations(range(len(paths)), 2):
        score = scanmatch(paths[i], paths[j], size_px=(1.0, 1.0), bin_ms=100.0)
        scores[i, j] = scores[j, i] = np.nan if score is None else score
    return scores


def within(scores: NDArray[np.float64], readers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the pairs, each once, whose readings are by the same reader."""
    same: NDArray[np.bool_] = readers[:, None] == readers[None, :]
    pairs: NDArray[np.bool_] = np.triu(same, 1) & np.isfinite(scores)
    return pairs


def contrast(scores: NDArray[np.float64], readers: NDArray[np.int64]) -> float:
    """Return the mean score within readers less that between readers."""
    own = within(scores, readers)
    other = np.triu(np.isfinite(scores), 1) & ~own
    return float(scores[own].mean() - scores[other].mean())


def draw(scores: NDArray[np.float64], readers: NDArray[np.int64], picture: Path) -> None:
    """Draw the scores of both kinds of pairs beside each other."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    own = within(scores, readers)
    other = np.triu(np.isfinite(scores), 1) & ~own
    figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
    names = [f"one reader\n{own.sum()} pairs", f"two readers\n{other.sum()} pairs"]
    axes.boxplot([scores[own], scores[other]], tick_labels=names)
    axes.set(ylabel="ScanMatch", title=f"{len(readers)} readings, {len(set(readers))} readers")
    figure.savefig(picture, dpi=120)


def main() -> None:
    """Score, test, say what was found, and draw."""
    dataset, picture = Path(sys.argv[1]), Path(sys.argv[2])
    names, paths = scanpaths(dataset)
    readers = np.unique(names, return_inverse=True)[1].astype(np.int64)
    scores = likeness(paths)
    test = permutation_test(
        (readers,),
        lambda shuffled: contrast(scores, shuffled),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=999,
        rng=np.random.default_rng(0),
    )
    print(f"n = {len(paths)} readings of {len(set(names))} readers")
    print(f"within less between readers: {test.statistic:+.4f} ScanMatch")
    print(f"p = {test.pvalue:.3f}, one-sided, 999 shuffles of the readers")
    print("Each reading is of another image: this says nothing of two readers of one image.")
    draw(scores, readers, picture)


if __name__ == "__main__":
    main()
