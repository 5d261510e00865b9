"""``gazekit detect``: find fixations, saccades and blinks in one recording."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gazekit.console import emit, say
from gazekit.model.errors import UsageError

if TYPE_CHECKING:
    from gazekit.clean.record import Detected
    from gazekit.model.records import ScreenRecord

__all__ = ["command", "parse_screen"]

_SCREEN = re.compile(
    r"(?P<wpx>\d+)x(?P<hpx>\d+)(px)?,(?P<wmm>[\d.]+)x(?P<hmm>[\d.]+)(mm)?,(?P<dmm>[\d.]+)(mm)?"
)
_CLEAN = "clean."


@click.command("detect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Events, Parquet.")
@click.option("--detector", default="default", show_default=True, help="Which detector.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a parameter.")
@click.option("--screen", metavar="WxHpx,WxHmm,Dmm", help="Active area and distance of the eyes.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    file: Path,
    *,
    out: Path,
    detector: str,
    settings: tuple[str, ...],
    screen: str | None,
    as_json: bool,
) -> None:
    """Detect the events of FILE and say how good its gaze is.

    FILE is CSV, TSV or Parquet with time_us and x_px, y_px (or left_x_px, ... right_y_px), a raw
    session folder, or a tracker's recording. --set changes a parameter of the detector, or of the
    cleaning before it, as in --set clean.eyes=best. Research use only; not a medical device.
    """
    from gazekit.clean.record import detect_recording
    from gazekit.read.samples_file import open_samples

    params, cleaning = _parameters(settings)
    recording = open_samples(file, screen=parse_screen(screen))
    done = detect_recording(recording, out, detector=detector, params=params, cleaning=cleaning)
    emit(done if as_json else _told(done), as_json=as_json)
    say(f"written: {out}")


def parse_screen(text: str | None) -> "ScreenRecord | None":
    """Return the screen that ``1920x1080px,531x299mm,650mm`` names; None for None.

    Raises
    ------
    UsageError
        The text says something else.
    """
    from gazekit.model.records import ScreenRecord

    if text is None:
        return None
    match = _SCREEN.fullmatch(text.replace(" ", ""))
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 - one error for both ways of being wrong
        return ScreenRecord(
            width_px=int(match["wpx"]),
            height_px=int(match["hpx"]),
            width_mm=float(match["wmm"]),
            height_mm=float(match["hmm"]),
            distance_mm=float(match["dmm"]),
        )
    except ValueError:
        raise UsageError(
            "no such screen",
            where="--screen",
            expected="width x height in px, in mm, and the distance, as in "
            "1920x1080px,531x299mm,650mm",
            found=text,
        ) from None


def _parameters(settings: tuple[str, ...]) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the detector's parameters, and those of cleaning that differ from the defaults."""
    params: dict[str, float] = {}
    cleaning: dict[str, str] = {}
    for setting in settings:
        key, mark, value = (part.strip() for part in setting.partition("="))
        if not mark or not key:
            raise UsageError("not a setting", where="--set", expected="KEY=VALUE", found=setting)
        if key.startswith(_CLEAN):
            cleaning[key.removeprefix(_CLEAN)] = value
            continue
        try:
            params[key] = float(value)
        except ValueError:
            raise UsageError(
                "not a number", where=f"--set {key}", expected="a number", found=value
            ) from None
    return params, _cleaning(cleaning) if cleaning else {}


def _cleaning(given: dict[str, str]) -> dict[str, Any]:
    """Return the parameters of cleaning as what they are; only these need `gazekit.build`."""
    import msgspec

    from gazekit.build.config import CleanConfig

    try:
        checked = msgspec.convert(given, CleanConfig, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"wrong parameter of cleaning: {error}", where="--set clean") from error
    return {name: getattr(checked, name) for name in given}


def _told(done: "Detected") -> str:
    quality = done.quality
    found = ", ".join(f"{count} {kind}" for kind, count in done.counts.items()) or "no event"
    figures = (
        f"rate {_said(quality.rate_hz, 'Hz')}, lost {quality.data_loss:.1%}, largest gap "
        f"{quality.largest_gap_us / 1000:.0f} ms, off screen {done.off_screen:.1%}, eyes apart "
        f"{_said(quality.disparity_deg, 'deg')}"
    )
    lines = [f"{done.recording}: {quality.n_samples} samples; {found}", figures]
    lines += [
        f"{name}: lost {eye.data_loss:.1%}, RMS-S2S {_said(eye.rms_s2s_deg, 'deg')}, "
        f"STD {_said(eye.std_deg, 'deg')}, BCEA {_said(eye.bcea_deg2, 'deg2')}"
        for name, eye in quality.eyes.items()
    ]
    return "\n".join(lines)


def _said(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.3g} {unit}"
