"""How does a replay become a page? Pictures, words and data, with the scripts that play them."""

import base64
from collections.abc import Sequence
from pathlib import Path

from gazekit.report.colour import step_colour
from gazekit.report.markup import block, embedded
from gazekit.report.page import Page, Section, details, note, section
from gazekit.report.picture import jpeg_uri, thumbnail
from gazekit.report.replay.compare import check_comparable
from gazekit.report.replay.data import data_of
from gazekit.report.replay.findings import finding_list
from gazekit.report.replay.frames import frame_strip
from gazekit.report.replay.recording import Picture, Recording, Said, Sound

__all__ = ["replay_page", "write_replay"]

_TEMPLATE = "replay.html.j2"
_IMAGE_PX = 1400
_US_PER_S = 1_000_000
_SCRIPTS = (
    "replay_time.js",
    "replay_samples.js",
    "replay_camera.js",
    "replay_stage.js",
    "replay_settings.js",
    "replay_kernel.js",
    "replay_heatmap.js",
    "replay_fixations.js",
    "replay_gaze.js",
    "replay_findings.js",
    "replay_words.js",
    "replay_lanes.js",
    "replay_lane.js",
    "replay_frames.js",
    "replay_sound.js",
    "replay_compare.js",
    "replay_player.js",
    "replay.js",
)
"""In the order in which they stand on the page; layers are drawn in that order."""


def write_replay(recordings: Sequence[Recording], out: str | Path) -> Path:
    """Write the page of `replay_page`; return its path."""
    return replay_page(recordings).write(Path(out))


def replay_page(recordings: Sequence[Recording]) -> Page:
    """Make a page that plays recordings again, side by side where there are several.

    Raises
    ------
    UsageError
        They cannot stand side by side: see `check_comparable`.
    """
    check_comparable(recordings)
    return Page(
        kind="Replay",
        title=" and ".join(one.reading_id for one in recordings),
        lead=_lead(recordings),
        simulated=_simulated(recordings),
        sections=(_player(recordings),),
        styles=("replay.css", "replay_layers.css"),
        scripts=_SCRIPTS,
        sound=any(one.sounds for one in recordings),
    )


def _lead(recordings: Sequence[Recording]) -> str:
    gaze = "Gaze" if any(one.samples is not None for one in recordings) else "Fixations"
    return f"{gaze} on the image in time, and the dictation as it was said."


def _simulated(recordings: Sequence[Recording]) -> str | None:
    return "the gaze was simulated" if any(one.simulated for one in recordings) else None


def _player(recordings: Sequence[Recording]) -> Section:
    cameras = [("whole", "Whole image")]
    if all(one.screen_px is not None for one in recordings):
        cameras.append(("reader", "As the reader had it"))
    drawn = block(
        "replay",
        [_part(one) for one in recordings],
        max(one.duration_us for one in recordings),
        cameras,
        embedded([data_of(one) for one in recordings]),
        template=_TEMPLATE,
    )
    notes = dict.fromkeys(text for one in recordings for text in (*one.notes, _sound_note(one)))
    keys = details("Keys", block("keys", template=_TEMPLATE))
    return section("Reading", drawn, *(note(text) for text in notes), keys)


def _sound_note(recording: Recording) -> str:
    if recording.sounds:
        return "This page holds the recorded voice: give it on as you would the recording."
    return "This page has no sound."


def _part(recording: Recording) -> dict[str, object]:
    return {
        "title": f"{recording.reader_id}, {recording.reading_id}",
        "alt": f"The image with the gaze of {recording.reader_id} at this moment",
        "pictures": [_picture(one) for one in recording.pictures],
        "sentences": [_sentence(one, recording) for one in recording.sentences],
        "sounds": [_sound(one) for one in recording.sounds],
        "findings": finding_list(recording),
        "frames": frame_strip(recording),
    }


def _picture(picture: Picture) -> dict[str, str]:
    small = thumbnail(picture.pixels, max_px=_IMAGE_PX)
    return {"uri": jpeg_uri(small), "alt": f"Image {picture.image_id}"}


def _sentence(said: Said, recording: Recording) -> dict[str, object]:
    seconds = None if said.onset_us is None else f"{said.onset_us / _US_PER_S:.1f} s"
    return {
        "text": said.text,
        "step": said.step,
        "step_name": recording.steps.get(said.step or "", ""),
        "colour": step_colour(said.step, tuple(recording.steps)),
        "onset_us": said.onset_us,
        "offset_us": said.offset_us,
        "when": seconds,
        "words": said.words,
    }


def _sound(sound: Sound) -> dict[str, object]:
    lasts_us = round(sound.n_frames / sound.rate_hz * _US_PER_S)
    return {
        "uri": f"data:audio/flac;base64,{base64.b64encode(sound.data).decode()}",
        "onset_us": sound.onset_us,
        "offset_us": sound.onset_us + lasts_us,
        "rate_hz": sound.rate_hz,
        "nominal_rate_hz": sound.nominal_rate_hz,
    }
