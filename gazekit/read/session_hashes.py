"""What decides a single reading of a session? Its own words and findings, and what all share."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gazekit.model.files import sha256_bytes
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ReadingRecord
from gazekit.model.session import read_findings, read_words
from gazekit.model.spoken import latest_reports

__all__ = ["reading_hashes"]

_TEXTS = re.compile(r"transcript-\d+\.jsonl")
"""Transcripts that newer ones have replaced."""


def reading_hashes(
    root: Path, readings: Sequence[ReadingRecord], further: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Return a hash for each reading and each image (``image/<id>``) of a closed session.

    A word, a finding or a report that changes decides its own reading only; gaze, views and
    calibrations decide all of them. `further`: the images that a reading shows beside its first.
    """
    layout = SessionLayout(root)
    listed = _listed(layout.checksums)
    apart = {p.name for p in (layout.transcript, layout.annotations, layout.audit, layout.log)}
    apart |= {layout.reports.name, layout.marks.name, layout.commands.name}
    folder = layout.image_folder.name
    shared = sorted(
        (name, digest)
        for name, digest in listed.items()
        if name not in apart and not _TEXTS.fullmatch(name) and not name.startswith(f"{folder}/")
    )
    words, findings, reports = read_words(root), read_findings(root), latest_reports(root)
    named = {r.image_id for r in readings} | {name for some in further.values() for name in some}
    images = {name: _of_image(layout, name, listed) for name in sorted(named)}
    hashes = {f"image/{name}": digest for name, digest in images.items()}
    for reading in readings:
        name = reading.reading_id
        own = [
            [word for word in words if word.reading_id == name],
            [finding for finding in findings if finding.reading_id == name],
            reports.get(name),
        ]
        shown = [reading.image_id, *further.get(name, ())]
        parts = [shared, reading, own, *(images[image_id] for image_id in shown)]
        hashes[name] = sha256_bytes(msgspec.json.encode(parts))
    return hashes


def _listed(checksums: Path) -> dict[str, str]:
    lines = checksums.read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _of_image(layout: SessionLayout, image_id: str, listed: dict[str, str]) -> str:
    path = layout.image(image_id)
    return listed.get(path.relative_to(layout.root).as_posix(), f"{image_id} is missing")
