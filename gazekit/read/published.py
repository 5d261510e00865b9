"""How do readings of a published dataset get image, pseudonyms, hash and catalogue?"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.files import sha256_bytes, sha256_file
from gazekit.model.records import ReadingRecord
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ImageSource
from gazekit.read.places import MimicImage

__all__ = [
    "Held",
    "Pseudonyms",
    "PublishedImages",
    "hash_of",
    "need_pseudonyms",
    "share_of",
    "shares",
]

_T = TypeVar("_T")

Pseudonyms = Callable[[str, str], str]
"""Gives the pseudonym of an identifier: called with its domain (``patient``) and itself."""

_READINGS_A_SHARE = 64


@dataclass
class Held:
    """What a source holds, as its catalogue grows."""

    readings: list[ReadingRecord] = field(default_factory=list)
    images: dict[str, ImageSource] = field(default_factory=dict)
    excluded: list[Exclusion] = field(default_factory=list)
    splits: dict[str, str] = field(default_factory=dict)

    def add(self, reading: ReadingRecord, image: ImageSource, *, split: str | None = None) -> None:
        """Take up a reading with its image and the split that the makers gave it."""
        self.readings.append(reading)
        self.images[image.record.image_id] = image
        if split is not None:
            self.splits[reading.reading_id] = split

    def leave_out(self, reading_id: str, error: GazekitError) -> None:
        """Leave a reading out because of what is wrong with its recording."""
        self.excluded.append(
            Exclusion.because("reading", reading_id, reason="recording_damaged", error=error)
        )

    def catalogue(
        self,
        files: Iterable[Path],
        own: Mapping[str, Sequence[Path]] | None = None,
        *,
        told: Mapping[str, object] | None = None,
    ) -> Catalogue:
        """Return the catalogue.

        `files`: what all readings were made from; `own`: what each was made from besides, by its
        id, where readings have files of their own. `told`: where one file holds them all, what it
        says of each, by its id; the rest of `files` then decides no single reading.
        """
        shared = list(files)
        inner = own or {}
        return Catalogue(
            sha256=hash_of([*shared, *(f for each in inner.values() for f in each)], self.readings),
            hashes=self._hashes(shared, inner) if told is None else self._told_apart(told),
            readings=tuple(self.readings),
            images=self.images,
            excluded=tuple(self.excluded),
            splits=self.splits,
        )

    def _hashes(self, shared: Sequence[Path], own: Mapping[str, Sequence[Path]]) -> dict[str, str]:
        """Tell readings apart by their own files, and images by their pixels."""
        of_all = hash_of(shared)
        hashes = {f"image/{name}": image.record.sha256 for name, image in self.images.items()}
        for reading in self.readings:
            name = reading.reading_id
            if name in own:
                image = self.images[reading.image_id].record
                hashes[name] = hash_of(own[name], of_all, reading, image)
        return hashes

    def _told_apart(self, told: Mapping[str, object]) -> dict[str, str]:
        """Tell readings apart by what is said of each."""
        hashes = self._hashes((), {})
        for reading in self.readings:
            name, image = reading.reading_id, self.images[reading.image_id].record
            hashes[name] = hash_of((), told[name], reading, image)
        return hashes


class PublishedImages:
    """The images of one source, each looked for and decoded once.

    Parameters
    ----------
    folders
        Where they may lie; None entries are passed over.
    pseudonyms
        What patients and studies are called in the dataset.
    """

    def __init__(self, folders: Sequence[Path | None], pseudonyms: Pseudonyms) -> None:
        self._folders = [folder for folder in folders if folder is not None]
        self._pseudonyms = pseudonyms
        self._found: dict[MimicImage, ImageSource | GazekitError | None] = {}

    def get(
        self, image: MimicImage, reading_id: str, *, size: tuple[int, int] | None = None
    ) -> ImageSource | Exclusion:
        """Return the image of a reading, or why the reading has to be left out.

        `size`: width and height to which its gaze refers.
        """
        if image not in self._found:
            self._found[image] = self._look(image)
        found = self._found[image]
        if found is None:
            detail = (
                f"{reading_id}: its image is not there. Give the folder of MIMIC-CXR or "
                "MIMIC-CXR-JPG with: --images FOLDER"
            )
            return Exclusion("reading", reading_id, "image_missing", detail)
        if isinstance(found, ImageSource) and size is not None:
            have = (found.record.width_px, found.record.height_px)
            if have != size:
                found = DataError(
                    "the image has another size than its gaze refers to",
                    where=reading_id,
                    expected=f"{size[0]} x {size[1]} px",
                    found=f"{have[0]} x {have[1]}",
                    remedy="give the images at full size",
                )
        if isinstance(found, GazekitError):
            return Exclusion.because("reading", reading_id, reason="image_undecodable", error=found)
        return found

    def _look(self, image: MimicImage) -> ImageSource | GazekitError | None:
        from gazekit.image import read_image

        for folder in self._folders:
            image = image.known(folder)
            path = image.find(folder)
            if path is not None:
                break
        else:
            return None
        patient = image.subject_id and self._pseudonyms("patient", image.subject_id)
        study = image.study_id and self._pseudonyms("study", image.study_id)
        try:
            shown = read_image(path, patient_id=patient, study_id=study)
        except GazekitError as error:
            # The file's name is the image's number, which may not enter the dataset.
            return DataError(error.what, expected=error.expected, remedy=error.remedy)
        return ImageSource(shown.record, path, stored=False, gaze_in_file=True)


def need_pseudonyms(pseudonyms: Pseudonyms | None, kind: str) -> Pseudonyms:
    """Return the pseudonyms, or refuse to read a source that names its patients without a key."""
    if pseudonyms is not None:
        return pseudonyms
    raise UsageError(
        f"{kind} names its patients, and there is no key to make pseudonyms with",
        remedy=(
            'make one with: python -c "import secrets; print(secrets.token_hex(32))" > FILE, '
            "keep it apart from the dataset, and give it with: --key FILE"
        ),
    )


def hash_of(files: Iterable[Path], *facts: object) -> str:
    """Hash the content of the files that are there, in order, and what else decides."""
    parts = [sha256_file(file) if file.is_file() else "" for file in files]
    return sha256_bytes("\n".join([*parts, *map(repr, facts)]).encode())


def shares(readings: Callable[[], Sequence[object]]) -> range:
    """Return into how many sources readings are divided, so that cores share them.

    One where they cannot be listed: its catalogue says why.
    """
    try:
        count = len(readings())
    except GazekitError:
        count = 0
    return range(max(1, -(-count // _READINGS_A_SHARE)))


def share_of(items: Sequence[_T], share: int) -> Iterator[_T]:
    """Yield the items of one share."""
    yield from items[share * _READINGS_A_SHARE : (share + 1) * _READINGS_A_SHARE]
