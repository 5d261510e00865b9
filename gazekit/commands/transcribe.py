"""``gazekit transcribe``: find when each dictated word was said."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gazekit.console import emit, progress, say
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK

if TYPE_CHECKING:
    from gazekit.speech import SessionTranscript, Transcription

__all__ = ["command"]

_PATH = click.Path(path_type=Path)
_MOST_NAMED = 10


@click.command("transcribe")
@click.argument("session", required=False, type=_PATH)
@click.option(
    "--engine",
    type=click.Choice(["align", "whisper", "vosk"]),
    default="align",
    show_default=True,
    help="align: times for the reader's own text. whisper, vosk: write the text as well.",
)
@click.option(
    "--model", "--weights", type=_PATH, help="Folder with the weights of whisper or vosk."
)
@click.option("--reading", help="Only this reading of the session.")
@click.option("--audio", type=_PATH, help="A WAV or FLAC file instead of a session.")
@click.option("--text", type=_PATH, help="What was dictated in --audio, UTF-8.")
@click.option("--out", type=_PATH, help="Where the words of --audio go, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    session: Path | None,
    *,
    engine: str,
    model: Path | None,
    reading: str | None,
    audio: Path | None,
    text: Path | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Write the word times of a closed SESSION into its transcript; the earlier one is kept.

    The default engine finds the words of the reader's own report in the sound; it needs no
    network and no weights. A word that is not surely heard gets no time, and the exit code is 3.
    Nothing leaves the machine. Research use only; not a medical device.
    """
    if (session is None) == (audio is None):
        raise click.UsageError("give either a SESSION, or --audio FILE with --text and --out")
    if audio is not None and (reading is not None or (out is None and not as_json)):
        raise click.UsageError("--audio needs --out or --json, and knows no --reading")
    if session is not None and (text is not None or out is not None):
        raise click.UsageError("--text and --out belong to --audio")

    from gazekit.speech import engine_named, transcribe_files, transcribe_session

    made = engine_named(engine, model)
    if audio is not None:
        told = transcribe_files(audio, text, out, engine=made)
        emit(_facts(audio, told) if as_json else _line(audio, told), as_json=as_json)
        return EXIT_EXCLUSIONS if told.untimed or not told.words else EXIT_OK
    with progress("readings") as bar:
        done = transcribe_session(session or Path(), engine=made, reading_id=reading, tick=bar.tick)
    for one in done.silent:
        say(f"{one.reading_id}: {one.untimed} of {one.words} words without a time: {one.reason}")
    emit(done if as_json else _summary(done), as_json=as_json)
    return EXIT_EXCLUSIONS if done.silent else EXIT_OK


def _facts(audio: Path, told: "Transcription") -> dict[str, object]:
    return {
        "audio": audio.name,
        "text": " ".join(word.text for word in told.words),
        "timed": sum(word.onset_s is not None for word in told.words),
        "untimed": len(told.untimed),
        **msgspec.to_builtins(told),
    }


def _line(audio: Path, told: "Transcription") -> str:
    timed = sum(word.onset_s is not None for word in told.words)
    lines = [f"{audio.name}: {timed} of {len(told.words)} words have a time ({told.engine})"]
    if told.untimed:
        reasons = sorted({word.reason or "no time" for word in told.untimed})
        names = " ".join(word.text for word in told.untimed[:_MOST_NAMED])
        more = " ..." if len(told.untimed) > _MOST_NAMED else ""
        lines.append(f"without a time ({', '.join(reasons)}): {names}{more}")
    if told.unwritten_s and told.unwritten_s > 1:
        lines.append(f"{told.unwritten_s:.1f} s of speech are in no word of the text")
    if told.note:
        lines.append(f"note: {told.note}")
    return "\n".join(lines)


def _summary(done: "SessionTranscript") -> str:
    state = "transcript written" if done.changed else "nothing changed"
    line = f"{done.session}: {done.timed} of {done.words} words of {done.readings} readings have a "
    line += f"time ({done.engine}); {state}"
    if done.guessed:
        line += f"\npronounced by letter rules: {', '.join(done.guessed[:_MOST_NAMED])}"
    return line
