"""The whole story on one machine: record, simulate a study, build, fit, predict, and a page.

Every step runs a command that a user would type, and is skipped when its result is there, so
that a second run is fast and a run that was stopped goes on. Delete ``demo/`` to start anew.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
BIN = Path(sys.executable).parent
PROTOCOL = ROOT / "protocols" / "cxr_abcdef.toml"

READINGS = 2500
SEED = 2026
PREDICTED = 4


@dataclass(frozen=True)
class Step:
    """One step: what it does, what it makes, and how."""

    says: str
    makes: Path
    run: Callable[[], None]


def main() -> int:
    """Run the steps in order; say what each does and how long it took."""
    DEMO.mkdir(exist_ok=True)
    started = time.monotonic()
    steps = _steps()
    for number, step in enumerate(steps, start=1):
        if step.makes.exists():
            print(f"[{number}/{len(steps)}] {step.says}: done before", flush=True)
            continue
        print(f"[{number}/{len(steps)}] {step.says} ...", flush=True)
        since = time.monotonic()
        step.run()
        print(f"      {time.monotonic() - since:.0f} s", flush=True)
    print(f"\nDone in {time.monotonic() - started:.0f} s. Open {DEMO / 'index.html'}")
    return 0


def _steps() -> list[Step]:
    study = DEMO / "study"
    dataset, recorded = DEMO / "study_dataset", DEMO / "recorded_dataset"
    run, predictions = DEMO / "run", DEMO / "predictions"
    return [
        Step(
            "Record one session through the capture app (simulated reader and tracker)",
            DEMO / "sessions" / ".recorded",
            lambda: _record(DEMO / "sessions"),
        ),
        Step(
            "Build the recorded session into a dataset",
            recorded,
            lambda: _gazekit("build", DEMO / "sessions", "--out", recorded),
        ),
        Step(
            f"Simulate a study of {READINGS:,} readings",
            study / "study.json",
            lambda: _gazekit(
                *("synth", study, "--readings", READINGS, "--seed", SEED),
                *("--image-px", "256x320", "--rate-hz", 60, "--image-format", "png"),
            ),
        ),
        Step(
            "Build the study into a dataset",
            dataset,
            lambda: _gazekit("build", study / "sessions", "--out", dataset),
        ),
        Step(
            "Fit the gaze-supervised model",
            run / "last",
            lambda: _run(BIN / "trainer", "fit", "nano", "--data", dataset, "--out", run),
        ),
        Step(
            "Score it on held-out readings, beside its baselines",
            run / "evaluation.json",
            lambda: _run(BIN / "trainer", "evaluate", run),
        ),
        Step(
            "Predict held-out images, with evidence",
            predictions / ".predicted",
            lambda: _predict(run, dataset, study, predictions),
        ),
        Step("Write the page", DEMO / "index.html", lambda: _page(dataset, recorded, run)),
    ]


def _gazekit(*arguments: object) -> None:
    _run(BIN / "gazekit", *arguments)


def _record(out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    command: list[object] = [BIN / "capture", "run", PROTOCOL, "--reader", "R01", "--out", out]
    command += ["--tracker", "simulated", "--seed", SEED, "--limit", 2]
    if not os.environ.get("DISPLAY"):
        xvfb = shutil.which("xvfb-run")
        if xvfb:
            screen = "-screen 0 1920x1080x24 +extension GLX +render -noreset"
            command = [xvfb, "-a", "-s", screen, *command]
        else:
            print("      no display and no xvfb-run here: recording without a window")
            command.append("--headless")
    _run(*command)
    (out / ".recorded").touch()


def _predict(run: Path, dataset: Path, study: Path, out: Path) -> None:
    from demo_page import held_out_images  # type: ignore[import-not-found]

    for name, image in held_out_images(dataset, study, PREDICTED):
        _run(BIN / "trainer", "predict", run, image, "--out", out / name)
    (out / ".predicted").touch()


def _page(dataset: Path, recorded: Path, run: Path) -> None:
    from demo_page import write_demo_page

    session = next((DEMO / "sessions").glob("ses-*"))
    _run(BIN / "capture", "report", session, "--out", DEMO / "session.html")
    write_demo_page(
        DEMO,
        session=session,
        session_dataset=recorded,
        study_dataset=dataset,
        run=run,
        predictions=DEMO / "predictions",
        out=DEMO / "index.html",
    )


def _run(*command: object, accept: tuple[int, ...] = (0, 3)) -> None:
    words = [str(word) for word in command]
    shown = [Path(words[0]).name, *words[1:]]
    print(f"      $ {' '.join(shown).replace(f'{ROOT}{os.sep}', '')}", flush=True)
    code = subprocess.run(words, cwd=ROOT, check=False).returncode
    if code not in accept:
        sys.exit(f"error: this step failed with exit code {code}; the command stands above")


if __name__ == "__main__":
    sys.exit(main())
