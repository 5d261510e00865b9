"""How do a session's images get into its folder without keeping the reader waiting?

::

    images, in the order of the readings --> one thread: PNG whole, then listed --> a reading waits
                                                                                   for its own
"""

import threading
from collections.abc import Sequence

from capture.images import SessionImage
from gazekit.image import write_display_png
from gazekit.model.errors import GazekitError
from gazekit.model.session import SessionWriter

__all__ = ["Shelf"]


class Shelf:
    """Writes the images beside the session; one that was not written is not listed either."""

    def __init__(self, writer: SessionWriter, images: Sequence[SessionImage]) -> None:
        self._writer = writer
        self._images = images
        self._there = {image.display.record.image_id: threading.Event() for image in images}
        self._stopping = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="images", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def wait(self, image_id: str) -> None:
        """Wait until an image is in the folder.

        Raises
        ------
        GazekitError
            It could not be written.
        """
        self._there[image_id].wait()
        if isinstance(self._fault, GazekitError):
            raise self._fault
        if self._fault is not None:
            what = f"an image could not be written: {self._fault}"
            raise GazekitError(what, where=image_id) from self._fault

    def stop(self) -> None:
        """Finish the image that is being written, and no other."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        layout = self._writer.layout
        try:
            layout.image_folder.mkdir(exist_ok=True)
            for image in self._images:
                if self._stopping.is_set():
                    return
                record = image.display.record
                write_display_png(layout.image(record.image_id), image.display)
                self._writer.image(record)
                self._there[record.image_id].set()
        except Exception as error:  # noqa: BLE001 - raised in the main thread by `wait`
            self._fault = error
            for there in self._there.values():
                there.set()
