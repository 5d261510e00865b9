"""How fast, and in how much memory, are readings in REFLACX's format imported?

``python -m benchmarks.reflacx READINGS`` writes so many synthetic readings of ``--seconds`` at
1000 Hz, as REFLACX's files look, each with its own image, and imports them in a process of its
own: the catalogue with its images decoded, then every reading. ``--build`` makes a dataset too.
The real dataset has 3,032 readings; which share of it is measured, the figures say. Gaze repeats
after ``--distinct`` readings, as copies of the file, which cost as much to read. Nothing of it is
kept.
"""

import json
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

REAL_READINGS = 3032
WIDTH, HEIGHT = 2540, 3050
FULL = (0, 0, WIDTH, HEIGHT, 1020, 0, 2819, 2160)
ZOOM = (600, 400, 1980, 1582, 660, 0, 3180, 2160)
RECT = [
    f"{edge}_{frame}"
    for frame in ("shown_from_image", "in_screen_coordinates")
    for edge in ("xmin", "ymin", "xmax", "ymax")
]
ANGLE = [f"angular_resolution_{axis}_pixels_per_degree" for axis in "xy"]
LABELS = (
    "Abnormal mediastinal contour,Acute fracture,Atelectasis,Consolidation,"
    "Enlarged cardiac silhouette,Enlarged hilum,Groundglass opacity,Hiatal hernia,"
    "High lung volume / emphysema,Interstitial lung disease,Lung nodule or mass,Other,"
    "Pleural abnormality,Pneumothorax,Pulmonary edema,Support devices"
)
FACTS = "id,split,eye_tracking_data_discarded,image,dicom_id,subject_id,image_size_x,image_size_y"
ROW_LABELS = "0,0,3,4,0,0,0,0,0,0,0,,0,0,0,False"
WORDS = ("there", "is", "a", "dense", "consolidation", "at", "the", "left", "base", ".")


@click.command()
@click.argument("readings", type=click.IntRange(min=1))
@click.option("--seconds", default=60, show_default=True, help="Length of each reading.")
@click.option(
    "--distinct", default=40, show_default=True, help="Gaze tables; later readings have copies."
)
@click.option("--build", is_flag=True, help="Build a dataset of them as well.")
def main(readings: int, *, seconds: int, distinct: int, build: bool) -> None:
    """Write READINGS synthetic readings, import them, print the figures as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_dataset(root / "reflacx", readings, seconds=seconds, distinct=distinct)
        (root / "key.txt").write_text(secrets.token_hex(32), "utf-8")
        size = sum(p.stat().st_size for p in (root / "reflacx" / "gaze_data").rglob("*.csv"))
        figures: dict[str, object] = {
            "readings": readings,
            "share_of_the_real_dataset": round(readings / REAL_READINGS, 4),
            "seconds_each": seconds,
            "gaze_mb": round(size / 1e6, 1),
        }
        for what in ("import", *(["build"] if build else [])):
            figures[what] = _measured(what, root, real_s=readings * seconds)
    click.echo(json.dumps(figures, indent=2))


def write_dataset(root: Path, readings: int, *, seconds: int, distinct: int = 40) -> None:
    """Write the files of REFLACX, synthetic; images lie as in MIMIC-CXR."""
    rows = [f"{FACTS},{LABELS}"]
    for index in range(readings):
        name, rng = f"P300R{index:06}", np.random.default_rng(index)
        dicom_id = "-".join([f"{index:08x}"] * 5)
        subject, study = 10_000_000 + index, 50_000_000 + index
        path = f"files/p{str(subject)[:2]}/p{subject}/s{study}/{dicom_id}"
        rows.append(
            f"{name},train,False,physionet.org/files/mimic-cxr/2.0.0/{path}.dcm,{dicom_id},"
            f"{subject},{WIDTH},{HEIGHT},{ROW_LABELS}"
        )
        _write_image(root / f"{path}.png", rng)
        first = root / "gaze_data" / f"P300R{index % distinct:06}" / "gaze.csv"
        _write_reading(root, name, rng, seconds=seconds, gaze_of=first)
    table = root / "main_data" / "metadata_phase_3.csv"
    table.write_bytes("\r\n".join([*rows, ""]).encode())


def _write_image(path: Path, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True)
    coarse = rng.integers(0, 256, (HEIGHT // 50, WIDTH // 20), np.uint8)
    Image.fromarray(np.kron(coarse, np.ones((50, 20), np.uint8))).save(path, compress_level=1)


def _write_reading(
    root: Path, name: str, rng: np.random.Generator, *, seconds: int, gaze_of: Path
) -> None:
    main, gaze = (root / part / name for part in ("main_data", "gaze_data"))
    main.mkdir(parents=True)
    gaze.mkdir(parents=True)
    if gaze_of.is_file():
        shutil.copyfile(gaze_of, gaze / "gaze.csv")
    else:
        table = gaze_table(rng, seconds=seconds)
        table.to_csv(gaze / "gaze.csv", index=False, lineterminator="\r\n")
    words = [WORDS[i % len(WORDS)] for i in range(2 * seconds)]
    lines = [f"{word},{i / 2},{i / 2 + 0.4}" for i, word in enumerate(words)]
    text = "\r\n".join(["word,timestamp_start_word,timestamp_end_word", *lines, ""])
    (main / "timestamps_transcription.csv").write_bytes(text.encode())
    (main / "transcription.txt").write_text(" ".join(words).replace(" .", "."), "utf-8")


def gaze_table(rng: np.random.Generator, *, seconds: int) -> pd.DataFrame:
    """Return gaze.csv: fixations of 300 ms with noise, a zoom every other 5 s, 3 % lost."""
    n = seconds * 1000
    time_s = np.round(np.arange(n) / 1000 - 0.2, 3)
    rect = np.where((np.arange(n) // 5000 % 2 == 1)[:, None], ZOOM, FULL)
    stay = np.arange(n) // 300
    x, y = (
        rng.uniform(low, high, stay[-1] + 1)[stay] + rng.normal(0, 8, n)
        for low, high in ((700, 1900), (500, 1500))
    )
    lost = (np.arange(n) // 60 % 33) == 0
    per_deg = np.where(rect[:, 0] == 0, 141, 55)
    columns: dict[str, NDArray[np.generic] | pd.Series] = {"timestamp_sample": time_s}
    for key, values in (("x_position", x), ("y_position", y), ("pupil_area_normalized", x * 0 + 1)):
        columns[key] = pd.Series(np.rint(values)).mask(lost).astype("Int64")
    for key in ANGLE:
        columns[key] = pd.Series(per_deg).mask(lost).astype("Int64")
    columns["window_width"], columns["window_level"] = np.full(n, 0.99829), np.full(n, 0.50012)
    columns.update({key: rect[:, i] for i, key in enumerate(RECT)})
    return pd.DataFrame(columns)


def _measured(what: str, root: Path, *, real_s: int) -> dict[str, float]:
    """Run one step in a process of its own; CPU seconds count, since the machine is shared."""
    done = subprocess.run(  # noqa: S603 - this very file
        [sys.executable, __file__, "--step", what, str(root)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found["times_real_time"] = round(real_s / found["cpu_s"], 1)
    return found


def step(what: str, root: Path) -> None:
    """Import or build; print CPU and wall seconds and the peak of memory."""
    from gazekit.deid import KeyedPseudonyms
    from gazekit.read import SourceOptions, open_sources

    options = SourceOptions(pseudonyms=KeyedPseudonyms(root / "key.txt"))
    start, wall, samples, gaze_s = time.process_time(), time.perf_counter(), 0, 0.0
    if what == "build":
        from gazekit import build

        build(root / "reflacx", root / "dataset", options=options, workers=1)
    else:
        for source in open_sources(root / "reflacx", options=options):
            catalogue = source.catalogue()
            begun = time.process_time()
            for reading in source.load([r.reading_id for r in catalogue.readings], catalogue):
                samples += reading.samples.num_rows
            gaze_s += time.process_time() - begun
    figures = {
        "cpu_s": round(time.process_time() - start, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
        "gaze_cpu_s": round(gaze_s, 2),
        "samples": samples,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    click.echo(json.dumps(figures))
    shutil.rmtree(root / "dataset", ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
