"""``capture run``: record a session by a protocol."""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_INTERRUPTED, EXIT_OK, UsageError

__all__ = ["command"]

_LEAST_PX = 200


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option("--reader", required=True, help="The reader's code, such as R01; never a name.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parent folder.")
@click.option(
    "--tracker",
    default="auto",
    show_default=True,
    help="auto, titta, tobii, simulated, mouse, replay:PATH.",
)
@click.option("--headless", is_flag=True, help="No window; only with --tracker simulated.")
@click.option(
    "--speed", default=1.0, show_default=True, help="Faster than time; simulated or replay only."
)
@click.option("--seed", type=click.IntRange(min=0), help="In place of the protocol's.")
@click.option("--images", type=click.Path(path_type=Path), help="A folder, or a CSV list.")
@click.option("--limit", type=click.IntRange(min=1), help="Read so many images at most.")
@click.option("--window", metavar="WxH", help="A window of this size in place of fullscreen.")
@click.option(
    "--sim",
    multiple=True,
    metavar="KEY=VALUE",
    help="Of the simulated tracker: rate_hz, "
    "offset_deg, noise_deg, loss, blinks_per_min, drift_deg_per_min, clock_ppm, disconnect_s, ...",
)
@click.option(
    "--session-number",
    type=click.IntRange(min=0),
    help="Row of a counterbalanced order; else the number in the reader's code.",
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value="latest",
    metavar="[SESSION]",
    help="Go on with what an earlier session left; the newest of this reader where none is named.",
)
@click.option(
    "--backup", type=click.Path(path_type=Path), help="Copy the session there after each reading."
)
@click.option(
    "--microphone",
    metavar="WHICH",
    help="auto, none, a part of its name, simulated, or espeak (simulated, with real speech). "
    "By default auto; simulated with the simulated tracker.",
)
@click.option(
    "--whisper",
    type=click.Path(path_type=Path),
    help="Folder with the weights of faster-whisper, for drafts of reports.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    protocol: Path,
    *,
    reader: str,
    out: Path,
    tracker: str,
    headless: bool,
    speed: float,
    seed: int | None,
    images: Path | None,
    limit: int | None,
    window: str | None,
    sim: tuple[str, ...],
    session_number: int | None,
    resume: str | None,
    backup: Path | None,
    microphone: str | None,
    whisper: Path | None,
    as_json: bool,
) -> int:
    """Record a session by PROTOCOL; prints the session's folder."""
    from capture.request import SessionRequest
    from capture.session import run_session
    from capture.trackers.sim_plan import parse_sim

    request = SessionRequest(
        protocol=protocol,
        reader_id=reader,
        out=out,
        tracker=tracker,
        headless=headless,
        speed=speed,
        seed=seed,
        images=images,
        limit=limit,
        window_px=_size(window),
        sim=parse_sim(sim),
        session_number=session_number,
        resume=resume,
        backup=backup,
        microphone=microphone,
        whisper=whisper,
    )
    result = run_session(request, say)
    emit(result if as_json else result.session, as_json=as_json)
    if result.ending not in {"complete", "refused"}:
        return EXIT_INTERRUPTED
    return EXIT_EXCLUSIONS if result.backup_whole is False else EXIT_OK


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) >= _LEAST_PX):
        raise UsageError(
            "not a size", where="--window", expected="WxH, such as 1280x720", found=text
        )
    return int(width), int(height)
