"""``gazekit synth``: simulate a study, with phantom radiographs, readings and ground truth."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from gazekit.console import Ticker, emit, progress
from gazekit.model.errors import UsageError

__all__ = ["command"]


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text)
    if not found:
        raise UsageError("not a size", where="--image-px", expected="WIDTHxHEIGHT", found=text)
    return int(found[1]), int(found[2])


@click.command("synth")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--readings", type=int, default=40, show_default=True, help="How many readings.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same study.")
@click.option("--readings-per-session", type=int, default=20, show_default=True)
@click.option("--image-px", default="1024x1280", show_default=True, help="WIDTHxHEIGHT of images.")
@click.option(
    "--image-format", type=click.Choice(["dicom", "png"]), default="dicom", show_default=True
)
@click.option("--rate-hz", type=float, default=120.0, show_default=True, help="Tracker rate.")
@click.option("--readers", type=int, default=4, show_default=True, help="Simulated readers.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    out: Path,
    *,
    readings: int,
    seed: int,
    readings_per_session: int,
    image_px: str,
    image_format: str,
    rate_hz: float,
    readers: int,
    workers: int,
    as_json: bool,
) -> None:
    """Simulate a study in OUT: raw sessions, their images, and the truth beside them.

    A second run with the same settings makes only what is missing.
    """
    from functools import partial

    from gazekit.image import write_display_png
    from gazekit.synthetic import StudyPlan, write_study

    plan = StudyPlan(
        readings=readings,
        seed=seed,
        readings_per_session=readings_per_session,
        image_px=_size(image_px),
        image_format="png" if image_format == "png" else "dicom",
        rate_hz=rate_hz,
        readers=readers,
    )
    write_png = partial(write_display_png, durable=False)
    with ExitStack() as stack:
        tick = _shown(stack, readings)
        record = write_study(out, plan, write_png=write_png, workers=workers, tick=tick)
    line = (
        f"{out}: {_counted(readings, 'simulated reading')} in "
        f"{_counted(record.sessions, 'session')}, {_counted(record.findings, 'finding')}"
    )
    emit(record if as_json else line, as_json=as_json)


def _shown(stack: ExitStack, readings: int) -> Callable[[int], None]:
    """Return a callback that shows a bar from its first call on, when the plan has been checked."""
    bars: list[Ticker] = []

    def tick(count: int) -> None:
        if not bars:
            bars.append(stack.enter_context(progress("Simulating readings", readings)))
        bars[0].tick(count)

    return tick


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
