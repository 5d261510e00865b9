"""How does a recording become small? FLAC, and the WAV file goes only when nothing is lost."""

import hashlib
from pathlib import Path
from typing import Any

from gazekit.model.dictation import AudioSegment
from gazekit.model.files import atomic_path, fsync_folder
from gazekit.model.layout import SessionLayout

__all__ = ["compress"]

_PIECE_FRAMES = 1 << 16


class _DiffersError(Exception):
    """The FLAC file holds other samples; it must not take its name."""


def compress(layout: SessionLayout, segment: AudioSegment) -> str | None:
    """Make the FLAC file of a closed stretch; return why the WAV file stays, None where it went.

    The FLAC file is decoded again, and its samples must have the hash that was taken while they
    were recorded; until then both files are there.
    """
    wav, flac = (layout.audio(segment.segment, kind) for kind in ("wav", "flac"))
    try:
        import soundfile
    except (ImportError, OSError):
        return "soundfile is not installed"
    try:
        with atomic_path(flac) as part:
            _encode(soundfile, wav, part)
            _compare(soundfile, part, segment)
    except _DiffersError:
        return "the FLAC file did not decode to what was recorded"
    except (soundfile.LibsndfileError, OSError) as error:
        return f"no FLAC file could be made: {type(error).__name__}"
    wav.unlink()
    fsync_folder(layout.root)
    return None


def _encode(soundfile: Any, wav: Path, flac: Path) -> None:  # noqa: ANN401 - an untyped module
    with soundfile.SoundFile(wav) as source:
        shape = {"samplerate": source.samplerate, "channels": source.channels}
        with soundfile.SoundFile(flac, "w", format="FLAC", subtype="PCM_16", **shape) as target:
            for piece in source.blocks(_PIECE_FRAMES, dtype="int16"):
                target.write(piece)


def _compare(soundfile: Any, flac: Path, segment: AudioSegment) -> None:  # noqa: ANN401 - as above
    if _pcm_sha256(soundfile, flac) != segment.pcm_sha256:
        raise _DiffersError


def _pcm_sha256(soundfile: Any, flac: Path) -> str:  # noqa: ANN401 - an untyped module
    digest = hashlib.sha256()
    with soundfile.SoundFile(flac) as source:
        for piece in source.blocks(_PIECE_FRAMES, dtype="int16"):
            digest.update(piece.astype("<i2").tobytes())
    return digest.hexdigest()
