"""How well does each detector agree with people, beside other packages in the same run?

``python -m benchmarks.detectors FOLDER`` reads recordings that two people labelled (Andersson et
al. 2017) and prints, for each detector, Cohen's kappa and the F1 of events. The default
detector's numbers were chosen on such recordings: beside its plain figures stand those of
parameters chosen, for each recording, on all the others.
"""

import importlib.metadata
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.agreement import Agreement, agreement, summarise
from benchmarks.labelled import CODES, Recording, read_recordings
from benchmarks.peers import PEERS, installed
from benchmarks.section import README, write_section
from gazekit import detect_events

Codes = NDArray[np.int8]
Detector = Callable[[Recording], Codes]
Scores = dict[str, Agreement]

OURS = ("default", "tobii_ivt", "engbert_kliegl", "adaptive", "i2mc", "idt")
GRID = {
    "velocity_deg_s": (32.0, 38.0, 44.0),
    "edge_noise_factor": (2.5, 3.5),
    "ringing_noise_factor": (3.0, 3.5, 4.0),
    "travel_deg": (0.8, 1.0, 1.3),
}
"""What cross-validation chooses from: the parameters that matter most."""

_KINDS = ("fixation", "saccade", "pso", "pursuit")
_LONG_MS = 100
_MOST_TEXT = 120
_COLUMNS = (
    ("images", "fixation"),
    ("images", "saccade"),
    ("images", "pso"),
    ("video", "fixation"),
    ("video", "saccade"),
    ("video", "pursuit"),
)
_FOLDERS = {"img": "images"}


def run_ours(recording: Recording, detector: str, **params: Any) -> Codes:  # noqa: ANN401 - the a detector's own
    """Run one of our detectors through the public call; int8 codes, shape (n,)."""
    x, y = recording.xy_px.T
    samples = pa.table({"time_us": recording.time_us, "x_px": x, "y_px": y})
    events = detect_events(samples, screen=recording.screen, detector=detector, **params)
    codes = np.zeros(recording.time_us.size, np.int8)
    columns = (events.column(name).to_pylist() for name in ("kind", "onset_us", "offset_us"))
    for kind, onset, offset in sorted(
        zip(*columns, strict=True), key=lambda row: row[0] != "blink"
    ):
        first, end = np.searchsorted(recording.time_us, [onset, offset])
        codes[first:end] = CODES[kind]
    return codes


def score(codes: Codes, recording: Recording) -> Scores:
    """Compare one labelling with both coders', for each kind of event."""
    long_samples = _LONG_MS * recording.rate_hz / 1000
    return {
        kind: agreement(codes, recording.labels, code=CODES[kind], long_samples=long_samples)
        for kind in _KINDS
    }


def row_of(scores: list[Scores], recordings: list[Recording]) -> dict[str, float]:
    """Summarise scores by stimulus and kind; NaN where a stimulus is absent."""
    out = {}
    for stimulus, kind in _COLUMNS:
        pairs = zip(scores, recordings, strict=True)
        parts = [s[kind] for s, r in pairs if _FOLDERS.get(r.stimulus, r.stimulus) == stimulus]
        whole = summarise(parts)
        finds = whole.ours > 0  # a detector that knows no such event has no agreement on it
        out[f"{stimulus} {kind} kappa"] = whole.kappa if finds else float("nan")
        out[f"{stimulus} {kind} f1"] = whole.f1 if finds else float("nan")
        if (stimulus, kind) == ("images", "fixation"):
            out["images long fixations found"] = whole.long_recall
    return out


def cross_validated(recordings: list[Recording]) -> dict[str, float]:
    """Score each recording with the parameters that are best on all the others."""
    choices = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    scores = [[score(run_ours(r, "default", **c), r) for r in recordings] for c in choices]
    merit = np.array([[_merit(one) for one in row] for row in scores])
    left_out = []
    for index in range(len(recordings)):
        others = np.delete(merit, index, axis=1).mean(axis=1)
        left_out.append(scores[int(np.argmax(others))][index])
    return row_of(left_out, recordings)


def _merit(scores: Scores) -> float:
    kappas = [scores[kind].kappa for kind in ("fixation", "saccade")]
    known = [kappa for kappa in kappas if np.isfinite(kappa)]
    return float(np.mean(known)) + (scores["fixation"].f1 + scores["saccade"].f1) / 2


def coders(recordings: list[Recording]) -> dict[str, float]:
    """Score one coder against the other: the ceiling."""
    scores = [score(r.labels[0], replace(r, labels=r.labels[1:])) for r in recordings]
    return row_of(scores, recordings)


def variants(
    recordings: list[Recording], rates: list[float], noise_deg: float
) -> dict[str, list[Recording]]:
    """Return the recordings as they are, slower, and with noise."""
    out = {"as recorded": recordings}
    for rate in rates:
        if rate < min(r.rate_hz for r in recordings):
            out[f"{rate:g} Hz"] = [r.at_rate(rate) for r in recordings]
    if noise_deg > 0:
        noisy = [r.with_noise(noise_deg, seed=seed) for seed, r in enumerate(recordings)]
        out[f"noise {noise_deg:g} deg RMS"] = noisy
    return out


def run_all(
    folder: Path, rates: list[float], noise_deg: float
) -> tuple[list[dict[str, object]], list[str]]:
    """Score every detector on every variant; rows for the table, and what could not be run."""
    recordings = read_recordings(folder)
    if not recordings:
        message = f"no pair of *_labelled_*.mat files in {folder}"
        raise click.ClickException(message)
    rows: list[dict[str, object]] = [
        {"detector": "coder against coder", "signal": "as recorded", **coders(recordings)},
        {
            "detector": "default, cross-validated",
            "signal": "as recorded",
            **cross_validated(recordings),
        },
    ]
    notes: list[str] = []
    for signal, signals in variants(recordings, rates, noise_deg).items():
        for name, detector in _detectors(notes if signal == "as recorded" else []).items():
            scores, scored, failed = _scores(detector, signals)
            notes += [f"{name}, {signal}, {failure}" for failure in failed[:1]]
            if scores:
                rows.append({"detector": name, "signal": signal, **row_of(scores, scored)})
    return rows, notes


def _scores(
    detector: Detector, signals: list[Recording]
) -> tuple[list[Scores], list[Recording], list[str]]:
    """Score a detector where it runs; the others' first failure tells of how many there were."""
    scores, scored, failed = [], [], []
    for one in signals:
        try:
            scores.append(score(detector(one), one))
            scored.append(one)
        except Exception as error:  # noqa: BLE001 - a peer's failure is a result of its own
            failed.append(f"{type(error).__name__}: {_line(error)}")
    count = f"failed on {len(failed)} of {len(signals)} recordings, left out"
    return scores, scored, [f"{count} ({text})" for text in failed]


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]} ..."


def _detectors(notes: list[str]) -> dict[str, Detector]:
    found: dict[str, Detector] = {
        name: lambda recording, name=name: run_ours(recording, name)  # type: ignore[misc]
        for name in OURS
    }
    for name, (package, run) in PEERS.items():
        if installed(package):
            found[f"{name} ({importlib.metadata.version(package)})"] = run
        else:
            notes.append(f"{name}: not run, {package} is not installed")
    return found


def markdown(rows: list[dict[str, object]], notes: list[str]) -> str:
    """Lay the rows out: kappa, and the F1 of events in brackets."""
    heads = [f"{kind}, {stimulus}" for stimulus, kind in _COLUMNS]
    lines = [
        "| signal | detector | " + " | ".join(heads) + " | fixations >= 100 ms found, images |",
        "|" + "---|" * (len(heads) + 3),
    ]
    for row in rows:
        cells = [_cell(row, f"{stimulus} {kind}") for stimulus, kind in _COLUMNS]
        cells.append(_number(row["images long fixations found"]))
        lines.append(f"| {row['signal']} | {row['detector']} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)]).rstrip()


def _cell(row: dict[str, object], name: str) -> str:
    kappa, f1 = _number(row[f"{name} kappa"]), _number(row[f"{name} f1"])
    return kappa if kappa == f1 == "-" else f"{kappa} ({f1})"


def _number(value: object) -> str:
    if not isinstance(value, float) or not np.isfinite(value):
        return "-"
    return f"{value:.2f}".replace("-0.00", "0.00").replace("0.", ".", 1)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rates", default="250,120,60", help="Slower rates in Hz, comma-separated.")
@click.option("--noise", "noise_deg", default=0.3, help="White noise to add, degrees RMS.")
@click.option("--json", "as_json", is_flag=True, help="Print rows as JSON; write no section.")
def main(folder: Path, rates: str, noise_deg: float, *, as_json: bool) -> None:
    """Score every detector on the labelled recordings in FOLDER."""
    started = time.perf_counter()
    rows, notes = run_all(folder, [float(rate) for rate in rates.split(",") if rate], noise_deg)
    if as_json:
        clean = [{k: _finite(v) for k, v in row.items()} for row in rows]
        click.echo(json.dumps({"rows": clean, "notes": notes}, indent=1))
        return
    table = markdown(rows, notes)
    click.echo(table)
    write_section("detectors", f"## Agreement with human coders\n\n{_LEGEND}\n\n{table}")
    click.echo(f"{time.perf_counter() - started:.0f} s; written to {README.name}", err=True)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value


_LEGEND = """Cohen's kappa sample by sample, the event against rest, mean over recordings and both
coders; in brackets the F1 of events that overlap by at least half of their union. Recordings of
Andersson et al. (2017, doi 10.3758/s13428-016-0738-9), 500 Hz; GPL-3, read where they lie. The
numbers of `default` were chosen on recordings of this corpus and rounded; "cross-validated" scores
each recording with the four that matter most chosen anew on all the others. Every other detector
has its paper's or its package's defaults; what pymovements finds is one event, and the rest counts
as the other. Made by `python -m benchmarks.detectors FOLDER`."""

if __name__ == "__main__":
    main()
