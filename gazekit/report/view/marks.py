"""How are marks kept while several pages, or programs, change them? In the file, read each time."""

import threading
from pathlib import Path

from gazekit.model.errors import UsageError
from gazekit.model.marked import Mark, changing_marks, read_marks

__all__ = ["MarkStore"]


class MarkStore:
    """The exclusions file of a dataset. What somebody writes into it by hand stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def all(self) -> dict[str, Mark]:
        """Return the marks by reading id, as the file holds them now.

        Raises
        ------
        UsageError, ProblemsError
            The file is damaged.
        """
        if not self.path.exists():
            return {}
        return {mark.id: mark for mark in read_marks(self.path)}

    def put(self, mark: Mark) -> None:
        """Mark a reading, or mark it otherwise; raises as `changing_marks` does, and OSError."""
        with self._lock, changing_marks(self.path) as marks:
            marks[mark.id] = mark

    def drop(self, reading_id: str) -> None:
        """Take a mark back; raises as `changing_marks` does, and OSError.

        Raises
        ------
        UsageError
            The reading is not marked.
        """
        with self._lock, changing_marks(self.path) as marks:
            if marks.pop(reading_id, None) is None:
                raise UsageError("the reading is not marked", where=reading_id)
