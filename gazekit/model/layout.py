"""Every file name of the data: raw session folders, built datasets, synthetic studies."""

import re
from dataclasses import dataclass
from pathlib import Path

from gazekit.model.errors import UsageError

__all__ = [
    "CHECKSUMS",
    "DATASET_TABLES",
    "IDENTIFIER",
    "OPTIONAL_TABLES",
    "SOURCE_DESCRIPTION",
    "DatasetLayout",
    "SessionLayout",
    "StudyLayout",
    "UnitLayout",
    "check_identifier",
]

CHECKSUMS = "SHA256SUMS"
SOURCE_DESCRIPTION = "source.toml"
DATASET_TABLES = ("keyframes", "sentences", "fixations", "readings", "images")
OPTIONAL_TABLES = ("samples", "audio")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def check_identifier(text: str, what: str) -> str:
    """Return `text` when it can stand in file names (letters, digits, ``_ . -``), else raise."""
    if IDENTIFIER.fullmatch(text):
        return text
    raise UsageError(
        f"{what} cannot be used as an identifier",
        expected="1 to 64 letters, digits, '_', '.' or '-'",
        found=f"{len(text)} characters" if len(text) > 64 else repr(text),  # noqa: PLR2004
        remedy="use a short pseudonym such as R01",
    )


@dataclass(frozen=True)
class SessionLayout:
    """Names inside one raw session folder, ``ses-<id>/``."""

    root: Path

    PREFIX = "ses-"
    STREAMS = ("openness", "position", "trackbox", "signal", "pairs")

    @classmethod
    def under(cls, parent: Path, session_id: str) -> "SessionLayout":
        """Place the folder of `session_id` under `parent`."""
        return cls(parent / f"{cls.PREFIX}{check_identifier(session_id, 'the session id')}")

    @property
    def session(self) -> Path:
        return self.root / "session.json"

    @property
    def protocol(self) -> Path:
        return self.root / "protocol.toml"

    @property
    def view_states(self) -> Path:
        return self.root / "view_states.jsonl"

    @property
    def events(self) -> Path:
        return self.root / "events.jsonl"

    @property
    def calibrations(self) -> Path:
        return self.root / "calibrations.jsonl"

    @property
    def transcript(self) -> Path:
        return self.root / "transcript.jsonl"

    @property
    def annotations(self) -> Path:
        return self.root / "annotations.jsonl"

    @property
    def images(self) -> Path:
        return self.root / "images.json"

    @property
    def image_folder(self) -> Path:
        return self.root / "images"

    @property
    def log(self) -> Path:
        return self.root / "log.jsonl"

    @property
    def commands(self) -> Path:
        """What the operator asked from another process; see `gazekit.model.commands`."""
        return self.root / "commands.jsonl"

    @property
    def audit(self) -> Path:
        return self.root / "audit.jsonl"

    @property
    def lock(self) -> Path:
        return self.root / "LOCK"

    @property
    def checksums(self) -> Path:
        return self.root / CHECKSUMS

    def samples(self, segment: int) -> Path:
        return self.root / f"samples-{segment:03d}.arrows"

    def clock(self, segment: int) -> Path:
        return self.root / f"clock-{segment:03d}.arrows"

    def image(self, image_id: str) -> Path:
        return self.image_folder / f"{check_identifier(image_id, 'the image id')}.png"

    def audio(self, segment: int, kind: str) -> Path:
        """Return the place of a stretch of dictation; `kind` is ``wav`` or ``flac``."""
        return self.root / f"audio-{segment:03d}.{kind}"

    def audio_blocks(self, segment: int) -> Path:
        return self.root / f"audio-{segment:03d}.arrows"

    @property
    def audio_segments(self) -> Path:
        return self.root / "audio.jsonl"

    @property
    def reports(self) -> Path:
        return self.root / "reports.jsonl"

    @property
    def marks(self) -> Path:
        """Findings as they are marked; what was accepted stands in `annotations`."""
        return self.root / "marks.jsonl"

    def earlier_transcript(self, number: int) -> Path:
        """Return where a transcript is kept that word times made anew have replaced."""
        return self.root / f"transcript-{number:03d}.jsonl"

    def stream(self, name: str, segment: int) -> Path:
        """Return the place of a further stream; `name` is one of `STREAMS`."""
        return self.root / f"{name}-{segment:03d}.arrows"

    def stream_files(self, name: str) -> list[Path]:
        return sorted(self.root.glob(f"{name}-[0-9][0-9][0-9].arrows"))

    def samples_files(self) -> list[Path]:
        return sorted(self.root.glob("samples-[0-9][0-9][0-9].arrows"))

    def audio_files(self, kind: str) -> list[Path]:
        return sorted(self.root.glob(f"audio-[0-9][0-9][0-9].{kind}"))

    def clock_files(self) -> list[Path]:
        return sorted(self.root.glob("clock-[0-9][0-9][0-9].arrows"))


@dataclass(frozen=True)
class StudyLayout:
    """Names inside a synthetic study: sessions, the images as DICOM or PNG, the ground truth."""

    root: Path

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def image_list(self) -> Path:
        return self.images / "images.csv"

    @property
    def truth(self) -> Path:
        return self.root / "truth"

    @property
    def study(self) -> Path:
        return self.root / "study.json"

    def truth_table(self, name: str) -> Path:
        return self.truth / f"{name}.parquet"

    @property
    def parts(self) -> Path:
        """Where the truth of finished sessions waits until the study is whole."""
        return self.root / ".parts"

    def truth_part(self, session_id: str, name: str) -> Path:
        return self.parts / f"{check_identifier(session_id, 'the session id')}.{name}.parquet"

    def image(self, image_id: str, kind: str) -> Path:
        """Return the place of an image; `kind` is ``dcm`` or ``png``."""
        return self.images / f"{check_identifier(image_id, 'the image id')}.{kind}"


@dataclass(frozen=True)
class DatasetLayout:
    """Names inside a built dataset."""

    root: Path

    @property
    def card(self) -> Path:
        return self.root / "README.md"

    @property
    def croissant(self) -> Path:
        return self.root / "croissant.json"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def meta(self) -> Path:
        return self.root / "meta"

    @property
    def info(self) -> Path:
        return self.meta / "info.json"

    @property
    def stats(self) -> Path:
        return self.meta / "stats.json"

    @property
    def schema(self) -> Path:
        return self.meta / "schema.md"

    @property
    def manifest(self) -> Path:
        return self.meta / "manifest.parquet"

    @property
    def exclusions(self) -> Path:
        return self.meta / "exclusions.parquet"

    @property
    def audit(self) -> Path:
        """What was erased, hash-chained; there from the first erasure on."""
        return self.meta / "audit.jsonl"

    @property
    def other_audit(self) -> Path:
        """The audit log of the second of two datasets that were merged."""
        return self.meta / "audit-merged.jsonl"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    @property
    def checksums(self) -> Path:
        return self.root / CHECKSUMS

    @property
    def building(self) -> Path:
        """Where the dataset grows until it is whole and takes its name."""
        return self.root.with_name(f".{self.root.name}.building")

    @property
    def previous(self) -> Path:
        """Where the dataset before this one stands while the new one takes its name."""
        return self.root.with_name(f".{self.root.name}.previous")

    @property
    def marked(self) -> Path:
        """Readings that a person marked to be left out; beside the dataset, which a build makes."""
        return self.root.with_name(f"{self.root.name}.exclusions.toml")

    @property
    def left(self) -> Path:
        """What the last build saw of its sources and left of the dataset, beside the units."""
        return self.units / "seen"

    def seen_source(self, name: str) -> Path:
        """Return where a source's catalogue is kept with the sizes and times of its files."""
        return self.left / f"{name}.json"

    @property
    def seen_dataset(self) -> Path:
        """The sizes and times of the dataset's files, and all that decided them."""
        return self.left / "dataset.json"

    @property
    def fetched(self) -> Path:
        """Where sources that lie elsewhere are fetched to, for a moment."""
        return self.units / "fetched"

    @property
    def units(self) -> Path:
        """Content-addressed parts of readings, kept beside the dataset for the next build."""
        return self.root.with_name(f".{self.root.name}.units")

    def shard(self, table: str, split: str, index: int, count: int) -> Path:
        return self.data / table / f"{split}-{index:05d}-of-{count:05d}.parquet"

    def shards(self, table: str, split: str | None = None) -> list[Path]:
        return sorted((self.data / table).glob(f"{split or '*'}-*-of-*.parquet"))


@dataclass(frozen=True)
class UnitLayout:
    """Name of one unit (one reading or image, built), under `DatasetLayout.units`."""

    root: Path
    key: str

    @property
    def unit(self) -> Path:
        return self.root / self.key[:2] / f"{self.key}.unit"

    @classmethod
    def under(cls, root: Path) -> "list[UnitLayout]":
        return [cls(root, path.stem) for path in sorted(root.glob("*/*.unit"))]

    @staticmethod
    def scraps(root: Path) -> list[Path]:
        """List what was begun under `root` and never took its name."""
        return sorted(root.glob("*/.*.part-*"))
