"""How does a dataset leave for other tools? BIDS eye-tracking, CSV, Parquet."""

from gazekit.export.bids import BidsResult, export_bids
from gazekit.export.frames import frames_of_dataset, gazex_frames_of_sources
from gazekit.export.tables import EXPORTED_TABLES, export_table

__all__ = [
    "EXPORTED_TABLES",
    "BidsResult",
    "export_bids",
    "export_table",
    "frames_of_dataset",
    "gazex_frames_of_sources",
]
