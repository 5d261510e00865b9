"""Composes the demo's page: the recorded session, the dataset, the training, the predictions."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from markupsafe import Markup
from PIL import Image

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.layout import DatasetLayout, StudyLayout
from gazekit.model.layout_runs import PredictionLayout, RunLayout
from gazekit.report import (
    Box,
    LegendItem,
    Page,
    Section,
    Tile,
    card,
    code,
    figure,
    image_figure,
    jpeg_uri,
    legend,
    link,
    note,
    number,
    prose,
    row,
    section,
    strip,
    subheading,
    thumbnail,
    tiles,
)
from gazekit.report.dataset import reading_views
from gazekit.report.quality import limits_of, outside, quality_table
from gazekit.report.raw import open_raw_session
from gazekit.report.reading import READING_LEGEND, ReadingView, keyframe_figure, reading_card
from gazekit.report.rows import Row, rows_where
from gazekit.report.run import evaluation_block, training_block

__all__ = ["held_out_images", "write_demo_page"]

_MOST_READINGS = 3
_MOST_FRAMES = 12
_OVERLAY_PX = 1100
_SIDE_PX = 640

_OPEN = """import gazekit, pandas, polars, duckdb, datasets

pandas.read_parquet("{root}/data/keyframes")
polars.scan_parquet("{root}/data/keyframes/*.parquet")
duckdb.sql("select step, count(*) from '{root}/data/keyframes/*.parquet' group by step")
datasets.load_dataset("{root}", "keyframes")
gazekit.open_dataset("{root}").table("keyframes", "train")"""


def write_demo_page(
    demo_dir: Path,
    *,
    session: Path,
    session_dataset: Path,
    study_dataset: Path,
    run: Path,
    predictions: Path,
    out: Path,
) -> Path:
    """Write the page; a part that is not there is said to be missing, never invented."""
    study = open_dataset(study_dataset) if DatasetLayout(study_dataset).info.is_file() else None
    page = Page(
        kind="Demonstration",
        title="From a radiologist's gaze to a model that shows its evidence",
        lead="One reading session, recorded and turned into a dataset of fixation heatmaps; and a "
        "vision-language model, trained on a larger simulated study, that says where it looked.",
        simulated="reader, tracker, images and dictation on this page were simulated",
        sections=(
            _about(demo_dir, session, session_dataset, study_dataset),
            _session(session, session_dataset),
            _dataset(study, study_dataset, out.parent),
            section("Training", *training_block(RunLayout(run))),
            section("Held-out readings", *evaluation_block(RunLayout(run))),
            _predictions(predictions, study),
            _simulated(study),
        ),
    )
    return page.write(out)


def held_out_images(dataset: Path, study: Path, count: int) -> list[tuple[str, Path]]:
    """Choose images of the test split with a placed finding, each of another label first.

    Returns
    -------
    list of (image id, image file)
    """
    opened = open_dataset(dataset)
    folder = StudyLayout(study).images
    first: dict[str, str] = {}
    others: list[str] = []
    columns = ["image_id", "findings"]
    for batch in opened.batches("readings", "test", columns=columns):
        for found in batch.to_pylist():
            labels = [f["label"] for f in found["findings"] if f["x0_px"] is not None]
            if labels and labels[0] not in first:
                first[labels[0]] = found["image_id"]
            else:
                others.append(found["image_id"])
    names = list(dict.fromkeys([*first.values(), *others]))
    files = ((name, next(folder.glob(f"{name}.*"), None)) for name in names)
    return [(name, path) for name, path in files if path is not None][:count]


def _about(demo: Path, session: Path, recorded: Path, study: Path) -> Section:
    told = (
        "A reader looks at a chest radiograph and dictates. capture records gaze, what the viewer "
        "showed, and the words. gazekit build finds fixations, carries them through zoom and pan "
        "into image pixels, and joins them to the sentences. trainer fit learns to write the "
        "report with its attention held to where the reader looked, so that every sentence of a "
        "prediction comes with a region that a person can check."
    )
    reports = [
        (demo / "session.html", "Report of the recorded session"),
        (DatasetLayout(recorded).report, "Report of its dataset"),
        (DatasetLayout(study).report, "Report of the simulated study's dataset"),
        (RunLayout(demo / "run").evaluation_page, "Evaluation of the trained model"),
    ]
    links = [link(_relative(path, demo), words) for path, words in reports if path.is_file()]
    more = Markup(" · ").join(links) if links else "No other report was written."
    if not session.is_dir():
        more = more + Markup(" ") + "No recorded session was found."
    return section("What this is", prose(told), prose(more), key="about")


def _session(session: Path, root: Path) -> Section:
    if not session.is_dir():
        return _missing("The recorded session", "no session folder")
    raw = open_raw_session(session)
    signal = raw.signal
    gap = signal.largest_gap_us
    headline = tiles(
        [
            Tile(number(len(raw.readings)), "readings"),
            Tile(number(raw.duration_us / 1e6, 0, unit=" s"), "recorded"),
            Tile(number(signal.time_us.size), "gaze samples"),
            Tile(number(signal.rate_hz, 0, unit=" Hz"), "effective rate"),
            Tile(number(None if signal.loss is None else signal.loss * 100, 1, unit=" %"), "lost"),
            Tile(number(None if gap is None else gap / 1e6, 2, unit=" s"), "largest gap"),
            Tile(
                number(raw.accepted.accuracy_deg if raw.accepted else None, 2, unit="°"),
                "accuracy at validation",
            ),
        ]
    )
    if not DatasetLayout(root).info.is_file():
        gone = note("It has not been built into a dataset yet.", tone="warn")
        return section("The recorded session", headline, gone)
    dataset = open_dataset(root)
    names = dataset.table("readings", columns=["reading_id"]).column(0).to_pylist()
    views = reading_views(dataset, names[:_MOST_READINGS])
    limits = limits_of(dataset.info.config)
    table = quality_table([view.reading for view in views], limits)
    cards = [_card(view, dataset) for view in views]
    return section(
        "The recorded session",
        headline,
        legend([*READING_LEGEND, *_step_legend(dataset)]),
        *cards,
        table,
        intro="Recorded by capture run with a simulated reader and tracker, then built.",
    )


def _card(view: ReadingView, dataset: Dataset) -> Markup:
    beyond = outside(view.reading, limits_of(dataset.info.config))
    return reading_card(view, dataset.info.steps, tone="bad" if beyond else None)


def _step_legend(dataset: Dataset) -> list[LegendItem]:
    steps = enumerate(dataset.info.steps.items())
    return [LegendItem(f"step-{i % 6}", f"{key} {name}") for i, (key, name) in steps]


def _dataset(study: Dataset | None, root: Path, beside: Path) -> Section:
    if study is None:
        return _missing("The dataset", "no built study")
    counts = [
        Tile(number(study.count(table)), words)
        for table, words in (
            ("readings", "readings"),
            ("images", "images"),
            ("keyframes", "key frames"),
            ("fixations", "fixations"),
        )
    ]
    counts += [Tile(number(study.count("readings", s)), f"{s} readings") for s in study.splits]
    frames = list(_placed_frames(study))
    drawn = strip([frame for _, frame in frames], label="Key frames with a finding")
    return section(
        "The dataset",
        tiles(counts),
        subheading("Key frames: a sentence, and where the reader looked", level=3),
        legend(READING_LEGEND[1:]),
        drawn if frames else note("No key frame with a placed finding.", tone="warn"),
        subheading("One line opens it", level=3),
        code(_OPEN.format(root=_relative(root, beside)), label="Opening the dataset in Python"),
        intro="Plain Parquet: a row is an image, a sentence and the fixations of its window.",
    )


def _placed_frames(study: Dataset) -> Iterator[tuple[str, Markup]]:
    """Draw key frames whose finding has a place, labels in turn, from the last split."""
    chosen: dict[str, list[Row]] = {}
    for batch in study.batches("keyframes", study.splits[-1], rows=200):
        for frame in batch.to_pylist():
            if frame["findings"]:
                mine = chosen.setdefault(frame["findings"][0]["label"], [])
                if len(mine) < 2:  # noqa: PLR2004 - two of each kind are enough to see
                    mine.append(frame)
    frames = [frame for pair in _in_turns(chosen) for frame in pair][:_MOST_FRAMES]
    ids = {str(frame["image_id"]) for frame in frames}
    stored = {r["image_id"]: r for r in rows_where(study, "images", key="image_id", values=ids)}
    for frame in frames:
        pixels = _pixels(stored[frame["image_id"]])
        yield frame["keyframe_id"], keyframe_figure(frame, thumbnail(pixels, max_px=240))


def _in_turns(chosen: dict[str, list[Row]]) -> list[list[Row]]:
    """Take the first of each label, then the second of each."""
    return [[mine[i] for mine in chosen.values() if len(mine) > i] for i in range(2)]


def _predictions(folder: Path, study: Dataset | None) -> Section:
    found = sorted(p for p in folder.glob("*") if PredictionLayout(p).prediction.is_file())
    if not found:
        return _missing("Predictions with evidence", "no prediction")
    legend_of = legend(
        [
            LegendItem("predicted", "region that the model's sentence rests on"),
            LegendItem("finding", "the true finding"),
        ]
    )
    cards = [_prediction(PredictionLayout(path), study) for path in found]
    return section(
        "Predictions with evidence",
        legend_of,
        *cards,
        intro="Images of the test split, which the model never saw. No gaze goes in.",
    )


def _prediction(layout: PredictionLayout, study: Dataset | None) -> Markup:
    said = msgspec.json.decode(layout.prediction.read_bytes(), type=dict[str, Any])
    blocks = []
    if layout.overlay.is_file():
        picture = np.asarray(Image.open(layout.overlay).convert("RGB"))
        uri = jpeg_uri(thumbnail(picture, max_px=_OVERLAY_PX))
        image = '<img src="{}" alt="{}">'
        alt = "Radiograph with numbered regions, and the sentence that rests on each"
        blocks.append(figure(Markup(image).format(uri, alt)))  # noqa: S704 - escaped by format
    blocks.append(_truth(said, study))
    return card(
        layout.root.name,
        row(*blocks, first_wide=len(blocks) > 1),
        *(
            [prose(link(_relative(layout.page, layout.root.parents[1]), "Open with its evidence"))]
            if layout.page.is_file()
            else []
        ),
        subtitle=f"Checkpoint {said.get('checkpoint')}",
    )


def _truth(said: dict[str, Any], study: Dataset | None) -> Markup:
    """Draw the true findings and the predicted regions on the image of the dataset."""
    shown = _image_of(said.get("image_sha256"), study)
    if shown is None or study is None:
        return note("The dataset does not hold this image, so its truth is not known here.")
    name = str(shown["image_id"])
    readings = rows_where(
        study, "readings", key="image_id", values=[name], columns=["image_id", "findings"]
    )
    findings = readings[0]["findings"] if readings else []
    placed = [f for f in findings if f["x0_px"] is not None]
    boxes = [_box(f, "finding", f["label"]) for f in placed]
    boxes += [_box(s["region"], "predicted", s["text"]) for s in said.get("sentences", [])]
    present = [f["label"] for f in findings if f["assertion"] == "present"]
    truth = f"True findings: {', '.join(present) if present else 'none'}."
    return image_figure(
        _pixels(shown),
        alt="Radiograph with the true findings and the predicted regions",
        image_size=(shown["width_px"], shown["height_px"]),
        boxes=boxes,
        caption=f"{truth} Predicted: {said.get('report', '')}",
        max_px=_SIDE_PX,
    )


def _box(corners: Row, kind: Literal["finding", "predicted"], label: str) -> Box:
    x0, y0, x1, y1 = (corners[f"{name}_px"] for name in ("x0", "y0", "x1", "y1"))
    return Box(x0, y0, x1, y1, kind, label)


def _image_of(sha256: object, study: Dataset | None) -> Row | None:
    if study is None or not isinstance(sha256, str):
        return None
    found = rows_where(study, "images", key="sha256", values=[sha256])
    return found[0] if found else None


def _pixels(stored: Row) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(stored["image"]["bytes"])).convert("L"))


def _simulated(study: Dataset | None) -> Section:
    said = (
        "Everything on this page is synthetic: the radiographs are phantoms, the reader follows a "
        "script with known truth, the tracker adds noise, loss and clock drift to it, and the "
        "dictation comes with its own word times. The software that recorded, built, trained and "
        "scored is the real one. Figures on synthetic data say that the chain works; they say "
        "nothing about real radiographs or real readers."
    )
    blocks = [note(said, tone="warn")]
    if study is not None and not study.info.simulated:
        blocks.append(note("The study's dataset says that it was not simulated.", tone="warn"))
    return section("What was simulated", *blocks)


def _missing(title: str, what: str) -> Section:
    return section(title, note(f"Not there: {what}. Run: make demo", tone="warn"))


def _relative(path: Path, beside: Path) -> str:
    return Path(os.path.relpath(path, beside)).as_posix()
