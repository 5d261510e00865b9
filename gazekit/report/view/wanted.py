"""Which readings does a person ask for? A filter that is read from an address and written to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from gazekit.report.view.index import Entry

__all__ = ["NO_FINDING", "ORDERS", "QUALITIES", "READINGS_A_PAGE", "Wanted"]

READINGS_A_PAGE = 24

NO_FINDING = "-"
"""Stands for readings without a finding that is present."""

QUALITIES = {
    "within": "within limits",
    "marginal": "marginal accuracy",
    "outside": "outside limits",
}
ORDERS = {
    "id": "by id",
    "loss": "data loss, most first",
    "long": "duration, longest first",
}
_MOST_TEXT = 200


@dataclass(frozen=True)
class Wanted:
    """What is asked for; "" asks for all. `marked`: ``yes``, ``no`` or all; `page` from 1."""

    finding: str = ""
    reader: str = ""
    split: str = ""
    quality: str = ""
    marked: str = ""
    text: str = ""
    order: str = "id"
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, Sequence[str]]) -> "Wanted":
        """Read it from the query of an address; what makes no sense asks for all."""

        def first(name: str) -> str:
            return query.get(name, ("",))[0][:_MOST_TEXT]

        page = first("page")
        order = first("order")
        return cls(
            finding=first("finding"),
            reader=first("reader"),
            split=first("split"),
            quality=first("quality"),
            marked=first("marked"),
            text=first("text").strip(),
            order=order if order in ORDERS else "id",
            page=int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 1,  # noqa: PLR2004
        )

    def query(self, *, page: int | None = None) -> str:
        """Write it as the query of an address, of this page or another; "" where all is wanted."""
        chosen = self if page is None else replace(self, page=page)
        given = {n: str(v) for n, v in vars(chosen).items() if v != getattr(_ALL, n)}
        return urlencode(given)

    def among(self, entries: Sequence[Entry], marked: Collection[str]) -> list[Entry]:
        """Return the readings that are asked for, of all pages, in the order that is."""
        found = [entry for entry in entries if self._asks_for(entry, marked)]
        if self.order == "loss":
            found.sort(key=lambda entry: -(entry.data_loss or 0.0))
        elif self.order == "long":
            found.sort(key=lambda entry: -entry.duration_us)
        return found

    def _asks_for(self, entry: Entry, marked: Collection[str]) -> bool:
        labels = entry.labels or (NO_FINDING,)
        return (
            self.finding in {"", *labels}
            and self.reader in {"", entry.reader_id}
            and self.split in {"", entry.split}
            and self.quality in {"", entry.verdict}
            and self.marked in {"", "yes" if entry.reading_id in marked else "no"}
            and self.text.casefold() in entry.text
        )


_ALL = Wanted()
