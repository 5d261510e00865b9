"""Where does a model look for each sentence that it writes, and did the reader look there?

    python examples/training_and_reading_the_evidence.py DATASET evidence.png [RUN]

Without RUN a tiny model is fitted for seconds. Of so few readings it learns the sentences by heart,
and next to nothing of where to look on another image: what it shows is how evidence is read, no
more. Give a run of `trainer fit` on this dataset to see what a trained model does. The reading is
of the test split, which the model has not learnt from.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import pandas as pd
from PIL import Image

from gazekit.metrics import Scanpath, scanmatch
from gazekit.model.layout_runs import RunLayout
from gazekit.report.figures import Drawn, draw_scanpath, open_drawn
from trainer.config import load_config
from trainer.evaluate import evaluate
from trainer.evaluation import Evaluation
from trainer.fit import main as fit
from trainer.predict import predict
from trainer.prediction import Prediction

STEPS = 100
SETTINGS = (
    *("model.image_px=64", "model.width=32", "model.heads=2", "optim.lr=8e-3"),
    *("fit.batch=4", "fit.threads=1", f"fit.eval_every={STEPS}", f"fit.steps={STEPS}"),
)
MOST_SENTENCES = 12
SHOWN = ("report_f1", "pointing", "nss")
BASELINES = {"": "model", "_centre": "centre", "_train_mean": "mean map", "_own_gaze": "own gaze"}


def fit_briefly(dataset: Path, run: RunLayout) -> None:
    """Fit a model that is far too small, for far too few readings."""
    fit(load_config("nano", (*SETTINGS, f"data.path='{dataset.resolve()}'")), run)


def score_table(evaluation: Evaluation) -> pd.DataFrame:
    """Return figures (rows) of the model and of what needs no model (columns); NaN where none."""
    found = {
        word: {name: evaluation.figures.get(name + suffix) for name in SHOWN}
        for suffix, word in BASELINES.items()
    }
    table = pd.DataFrame(found)
    return table.map(lambda figure: np.nan if figure is None else figure.value)


def reading_of_test(dataset: Path) -> str:
    """Return the first reading of the test split."""
    readings = pd.read_parquet(dataset / "data" / "readings", columns=["reading_id", "split"])
    held_out = readings.loc[readings["split"].eq("test"), "reading_id"]
    if held_out.empty:
        sys.exit("error: no reading is in the test split; build a larger study")
    return str(held_out.min())


def key_frames(dataset: Path, reading: str) -> pd.DataFrame:
    """Return what the reader said, where the gaze was meanwhile, and the placed findings."""
    columns = ["step", "text", "centroid_x_px", "centroid_y_px", "findings"]
    only = [("reading_id", "==", reading)]
    return pd.read_parquet(dataset / "data" / "keyframes", columns=columns, filters=only)


def distances(prediction: Prediction, frames: pd.DataFrame) -> pd.DataFrame:
    """Compare each sentence's region with the reader's gaze on the same review step.

    Distances are shares of the image's diagonal; `centre` is that of the image's middle, which is
    right more often than one would think.
    """
    gaze = frames.groupby("step")[["centroid_x_px", "centroid_y_px"]].mean()
    size = np.array([prediction.width_px, prediction.height_px])
    rows = []
    for sentence in prediction.sentences:
        if sentence.step in gaze.index:
            reader = gaze.loc[sentence.step].to_numpy()
            region = np.array([sentence.region.centroid_x_px, sentence.region.centroid_y_px])
            away = [np.linalg.norm(reader - at) / np.linalg.norm(size) for at in (region, size / 2)]
            rows.append((sentence.step, sentence.text[:40], *away))
    return pd.DataFrame(rows, columns=["step", "sentence", "model", "centre"])


def likeness(prediction: Prediction, drawn: Drawn) -> float | None:
    """Return ScanMatch, 0 to 1, of the model's inspection with the reader's fixations."""
    places = prediction.trajectory
    alike = Scanpath.of([p.x_px for p in places], [p.y_px for p in places], [1] * len(places))
    own = drawn.fixations
    read = Scanpath.of(own.x_px, own.y_px, own.duration_us)
    return scanmatch(alike, read, size_px=drawn.image_size, bin_ms=None)


def draw(prediction: Prediction, drawn: Drawn, frames: pd.DataFrame, picture: Path) -> None:
    """Draw the model's maps, regions and inspection beside the reader's scanpath and the truth."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.patches import Rectangle

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
    left.imshow(drawn.pixels, cmap="gray", extent=(0, *drawn.image_size, 0))
    maps = [sentence.map for sentence in prediction.sentences if sentence.map is not None]
    if maps:
        edges = (maps[0].x0_px, maps[0].x1_px, maps[0].y1_px, maps[0].y0_px)
        attention = np.sum([one.values for one in maps], axis=0)  # noqa: PD011 - not pandas
        left.imshow(attention, extent=edges, cmap="inferno", alpha=0.4)
    for sentence in prediction.sentences:
        x0, y0, x1, y1 = sentence.region.box
        left.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="cyan"))
        left.annotate(str(sentence.number), (x0, y0), color="cyan")
    order = prediction.trajectory
    left.plot([p.x_px for p in order], [p.y_px for p in order], "o-", color="white", lw=0.8, ms=3)
    left.set(xlim=(0, drawn.image_size[0]), ylim=(drawn.image_size[1], 0))
    left.set_xlabel("model: attention, regions by sentence, inspection", fontsize=9)
    own = drawn.fixations
    draw_scanpath(
        *(own.x_px, own.y_px),
        duration_us=own.duration_us,
        image_size=drawn.image_size,
        image_u8=drawn.pixels,
        ax=right,
    )
    for place in frames["findings"].explode().dropna():
        corner, sides = (place["x0_px"], place["y0_px"]), ("x", "y")
        width, height = (place[f"{side}1_px"] - place[f"{side}0_px"] for side in sides)
        right.add_patch(Rectangle(corner, width, height, fill=False, edgecolor="red", lw=2))
    right.set_xlabel("reader; red: placed findings", fontsize=9)
    figure.savefig(picture, dpi=110)


def main() -> None:
    """Fit where no run is given, score, predict one image, and hold the evidence to the reader."""
    dataset, picture, *given = map(Path, sys.argv[1:])
    with TemporaryDirectory() as scratch:
        run = RunLayout(given[0] if given else Path(scratch) / "run")
        if not given:
            fit_briefly(dataset, run)
        print(score_table(evaluate(run, data=dataset)).round(3).to_string(), end="\n\n")
        reading = reading_of_test(dataset)
        drawn, frames = open_drawn(dataset, reading), key_frames(dataset, reading)
        image = Path(scratch) / "image.png"
        if drawn.pixels is None:
            sys.exit("error: the dataset holds no picture of this reading; build it with images")
        Image.fromarray(drawn.pixels).save(image)
        prediction, _ = predict(run, image, out=Path(scratch) / "prediction")
    away = distances(prediction, frames)
    print(f"{reading}: how far from the reader's gaze, in diagonals of the image")
    print(away.head(MOST_SENTENCES).round(3).to_string(index=False), end="\n\n")
    print(f"median of {len(away)} sentences: model {away['model'].median():.3f}, ", end="")
    print(f"centre {away['centre'].median():.3f}")
    alike = likeness(prediction, drawn)
    print(f"ScanMatch of the inspections: {'none' if alike is None else format(alike, '.3f')}")
    draw(prediction, drawn, frames, picture)


if __name__ == "__main__":
    main()
