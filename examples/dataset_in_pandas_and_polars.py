"""How does one ask a built dataset a question, in pandas and in polars?

    python examples/dataset_in_pandas_and_polars.py DATASET dwell.png

The question: on which review step do readers spend their time? Both libraries answer it from the
Parquet files alone, without gazekit; the picture shows each reading as a point.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl


def dwell_pandas(dataset: Path) -> pd.DataFrame:
    """Return fixation time in seconds by reading (rows) and review step (columns)."""
    frames = pd.read_parquet(
        dataset / "data" / "keyframes", columns=["reading_id", "step", "fixation_duration_us"]
    )
    frames["dwell_s"] = frames["fixation_duration_us"].map(np.sum) / 1e6
    return frames.pivot_table(index="reading_id", columns="step", values="dwell_s", aggfunc="sum")


def dwell_polars(dataset: Path) -> pl.DataFrame:
    """Return the same in the long form: reading_id, step, dwell_s."""
    return (
        pl.scan_parquet(dataset / "data" / "keyframes" / "*.parquet")
        .filter(pl.col("step").is_not_null())
        .group_by("reading_id", "step")
        .agg((pl.col("fixation_duration_us").list.sum().sum() / 1e6).alias("dwell_s"))
        .sort("reading_id", "step")
        .collect()
    )


def draw(dwell: pd.DataFrame, picture: Path) -> None:
    """Draw each reading's seconds by step, and the median."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for place, step in enumerate(dwell.columns):
        seconds = dwell[step].dropna().to_numpy()
        across = place + np.linspace(-0.2, 0.2, len(seconds))
        axes.plot(across, seconds, "o", color="tab:blue", alpha=0.5, markersize=4)
        axes.hlines(np.median(seconds), place - 0.3, place + 0.3, color="black")
    axes.set_xticks(range(len(dwell.columns)), dwell.columns)
    axes.set(xlabel="review step", ylabel="fixation time / s")
    axes.set_title(f"{len(dwell)} readings; line: median", fontsize=10)
    figure.savefig(picture, dpi=120)


def main() -> None:
    """Answer in both libraries, compare the answers, and draw."""
    dataset, picture = Path(sys.argv[1]), Path(sys.argv[2])
    wide = dwell_pandas(dataset)
    long = dwell_polars(dataset)
    print(wide.agg(["count", "median"]).round(2).to_string())
    print(f"the same from polars: {long['dwell_s'].sum():.3f} s in all")
    print(f"and from pandas:      {wide.sum().sum():.3f} s in all")
    draw(wide, picture)


if __name__ == "__main__":
    main()
