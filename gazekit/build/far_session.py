"""How is a session read that lies elsewhere? It is fetched for each look, and dropped after."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gazekit.build.files import FarFolder
from gazekit.read import Catalogue, ImageSource, ReadingInput, SessionSource

if TYPE_CHECKING:
    from gazekit.image import DisplayImage

__all__ = ["FarSession"]


@dataclass(frozen=True)
class _FarImage(ImageSource):
    """An image of a session that lies elsewhere; `path` is its place inside the session."""

    session: "FarSession | None" = None

    def load(self) -> "DisplayImage":
        """Fetch the session, and decode the pixels."""
        if self.session is None:
            return super().load()
        with self.session.fetched() as folder:
            return ImageSource(self.record, folder / self.path, stored=self.stored).load()


@dataclass(frozen=True)
class FarSession:
    """One raw session folder at an address; `scratch` is a folder for what is fetched."""

    folder: FarFolder
    scratch: Path

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""
        return "session"

    def catalogue(self) -> Catalogue:
        """Say which readings and images are there; see `SessionSource`."""
        with self.fetched() as folder:
            found = SessionSource(folder).catalogue()
        images: dict[str, ImageSource] = {
            name: _FarImage(
                image.record, image.path.relative_to(folder), stored=image.stored, session=self
            )
            for name, image in found.images.items()
        }
        return replace(found, images=images)

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings in time order."""
        with self.fetched() as folder:
            yield from SessionSource(folder).load(reading_ids, catalogue)

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """Fetch the session to a folder that goes with the block."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch) as parent:
            folder = Path(parent, self.folder.name)
            self.folder.fetch(folder)
            yield folder
