"""How far from the truth are the word times of ``gazekit transcribe``, and what is never found?

``python -m benchmarks.alignment`` says radiology reports with espeak-ng and flite, whose onsets
are known, with pauses of 0.25 to 2.5 s between sentences, clean and in white or pink noise; then
with a text that differs from what was said. CPU seconds, not the clock. Synthetic speech only.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.section import write_section
from benchmarks.spoken import missing_voices, speak_sentence
from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.sound import RATE_HZ, sound_of

VOICES = (
    ("flite", "slt"),
    ("flite", "rms"),
    ("flite", "kal16"),
    ("flite", "awb"),
    ("espeak", "en-us"),
    ("espeak", "en-us+f3"),
    ("espeak", "en-us+m3"),
    ("espeak", "en-us+whisper"),
)
REPORTS = (
    (
        "There is mild cardiomegaly with a small left pleural effusion. No pneumothorax is seen, "
        "and the lungs are clear. Linear atelectasis at the left base. The hila are normal."
    ),
    (
        "The trachea is midline. Patchy opacity in the right lower lobe may represent pneumonia. "
        "The heart is not enlarged. Both costophrenic angles are sharp."
    ),
    (
        "Endotracheal tube ends 3.5 cm above the carina. A right internal jugular catheter "
        "projects over the superior vena cava. There is a small apical pneumothorax."
    ),
    (
        "The lungs are hyperinflated, consistent with COPD. A 10 mm nodule projects over the left "
        "upper lobe. The mediastinum is not widened. Old healed fracture of the sixth rib."
    ),
    (
        "Heart size is normal. Mild interstitial edema with Kerley lines. Moderate bilateral "
        "effusions, larger on the left. Median sternotomy wires are intact."
    ),
)
_UNSAID = "There are surgical clips in the left axilla."
_OTHER_TEXTS = frozenset({"slt", "en-us"})
_FAR_S = 1.0
_WRONG_S = 0.5


@dataclass
class Tally:
    """What one row of the table counts."""

    errors_s: list[float] = field(default_factory=list)
    said: int = 0
    timed: int = 0
    invented: int = 0
    cpu_s: float = 0.0
    sound_s: float = 0.0


def dictation(
    report: str, engine: str, voice: str, *, seed: int, snr_db: float | None, pink: bool = False
) -> tuple[NDArray[np.float32], list[str], NDArray[np.float64]]:
    """Say a report sentence by sentence, with pauses and noise; return it, sentences, onsets."""
    rng = np.random.default_rng(seed)
    sentences = re.split(r"(?<=\.) (?=[A-Z])", report)
    pieces = [np.zeros(int(RATE_HZ * rng.uniform(0.1, 1.0)), np.float32)]
    onsets = []
    for sentence in sentences:
        spoken = speak_sentence(sentence, engine, voice)
        onsets.append(spoken.onset_s + sum(piece.size for piece in pieces) / RATE_HZ)
        pause = np.zeros(int(RATE_HZ * rng.uniform(0.25, 2.5)), np.float32)
        pieces += [spoken.pcm, pause]
    pcm = np.concatenate(pieces)
    loud = float(np.sqrt(np.mean(pcm[np.abs(pcm) > 0.01] ** 2)))  # noqa: PLR2004 - speech
    level = 2e-4 if snr_db is None else loud * 10 ** (-snr_db / 20)
    noisy = pcm + level * _noise(pcm.size, rng, pink=pink)
    return noisy.astype(np.float32), sentences, np.concatenate(onsets)


def _noise(size: int, rng: np.random.Generator, *, pink: bool) -> NDArray[np.float64]:
    """Return noise of unit power; pink as that of many voices and machines is, or white."""
    white = rng.normal(0.0, 1.0, size)
    if not pink:
        return white
    bands = np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(size // 2 + 1), 1))
    noise: NDArray[np.float64] = np.fft.irfft(bands, size)
    return noise / float(noise.std())


def texts_of(sentences: list[str], other: str) -> dict[str, str]:
    """Return what the reader may have written: the truth, and texts that differ from it."""
    return {
        "as said": " ".join(sentences),
        "a sentence more": " ".join([*sentences[:2], _UNSAID, *sentences[2:]]),
        "a sentence less": " ".join([*sentences[:1], *sentences[2:]]),
        "a sentence other": " ".join([*sentences[:1], _UNSAID, *sentences[2:]]),
        "another report": other,
    }


def measure(
    aligner: ForcedAligner,
    tally: Tally,
    *,
    spoken: tuple[NDArray[np.float32], list[str]],
    onsets: NDArray[np.float64],
    text: str,
) -> None:
    """Align one text to one sound and count."""
    pcm, sentences = spoken
    started = time.process_time()
    found = aligner.transcribe(sound_of(pcm, RATE_HZ), text)
    tally.cpu_s += time.process_time() - started
    tally.sound_s += pcm.size / RATE_HZ
    truth = dict(_matches(" ".join(sentences).split(), text.split()))
    for index, word in enumerate(found.words):
        tally.said += index in truth
        if word.onset_s is None:
            continue
        if index not in truth:
            tally.invented += 1
            continue
        tally.timed += 1
        error = word.onset_s - onsets[truth[index]]
        if np.isfinite(error):
            tally.errors_s.append(abs(float(error)))


def _matches(said: list[str], written: list[str]) -> Iterator[tuple[int, int]]:
    matcher = SequenceMatcher(a=said, b=written, autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.size > 1:
            yield from ((block.b + i, block.a + i) for i in range(block.size))


def row(name: str, tally: Tally) -> str:
    """Return one row of the table."""
    errors = np.array(tally.errors_s)
    figures = "- | - | -"
    if errors.size:
        mean, p95 = 1000 * errors.mean(), 1000 * np.quantile(errors, 0.95)
        figures = f"{mean:.0f} | {p95:.0f} | {1000 * errors.max():.0f}"
    far = int((errors > _FAR_S).sum())
    half = int((errors > _WRONG_S).sum())
    return (
        f"| {name} | {tally.timed} of {tally.said} | {figures} | {half} | {far} | "
        f"{tally.invented} | {tally.cpu_s / tally.sound_s:.2f} |"
    )


def table(reports: int, voices: int, noises: list[float | None]) -> list[str]:
    """Measure every row."""
    aligner = ForcedAligner()
    rows: list[str] = []
    tallies: dict[str, Tally] = {}
    for snr_db in noises:
        for engine, voice in VOICES[:voices]:
            name = f"{engine} {voice}, {'clean' if snr_db is None else f'{snr_db:.0f} dB'}"
            for turn in range(reports):
                number = (turn + reports * VOICES.index((engine, voice))) % len(REPORTS)
                pink = turn % 2 == 1
                pcm, sentences, onsets = dictation(
                    REPORTS[number], engine, voice, seed=number, snr_db=snr_db, pink=pink
                )
                texts = texts_of(sentences, REPORTS[(number + 1) % len(REPORTS)])
                other = snr_db is None and turn == 0 and voice in _OTHER_TEXTS
                for kind, text in texts.items() if other else [("as said", texts["as said"])]:
                    label = name if kind == "as said" else f"two voices, {kind}"
                    spoken = (pcm, sentences)
                    tally = tallies.setdefault(label, Tally())
                    measure(aligner, tally, spoken=spoken, onsets=onsets, text=text)
            rows.append(name)
            click.echo(row(name, tallies[name]), err=True)
    every = Tally()
    for name in rows:
        every.errors_s += tallies[name].errors_s
        for part in ("said", "timed", "invented", "cpu_s", "sound_s"):
            setattr(every, part, getattr(every, part) + getattr(tallies[name], part))
    rows += [name for name in tallies if name not in rows]
    return [row(name, tallies[name]) for name in rows] + [row("**all, text as said**", every)]


@click.command()
@click.option("--reports", default=2, show_default=True, help="How many reports a voice.")
@click.option("--voices", default=len(VOICES), show_default=True, help="How many voices.")
@click.option("--snr", type=float, multiple=True, default=(20.0, 10.0), help="Noise, dB.")
@click.option("--write", is_flag=True, help="Write the section of README.md.")
def main(reports: int, voices: int, *, snr: tuple[float, ...], write: bool) -> None:
    """Measure the word times and print the table."""
    if missing := missing_voices():
        raise click.ClickException(missing)
    text = "\n".join([_HEAD, *table(reports, voices, [None, *snr])])
    click.echo(text)
    if write:
        write_section("alignment", text)


_HEAD = f"""## Word times by forced alignment

Synthetic speech: reports said by espeak-ng (onsets from its word events) and flite (from its own
segments), pauses of 0.25 to 2.5 s between sentences; noise at the given ratio to speech, white in
the first report of a voice and pink in the next. No human speech was measured. Absolute error of
onsets in ms. "Invented": words with a time that
were never said; a word without a time is not counted as an error but as not timed. The last
column is CPU seconds a second of sound. The texts and the thresholds have one author.
Made by `python -m benchmarks.alignment --write`.

| speech | words timed | mean | p95 | max | > {_WRONG_S} s | > {_FAR_S} s | invented | cost |
|---|---|---|---|---|---|---|---|---|"""


if __name__ == "__main__":
    main()
