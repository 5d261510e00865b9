"""How does a dataset leave for other tools? BIDS eye-tracking, CSV, Parquet, training samples."""

from gazekit.export.bids import BidsResult, export_bids
from gazekit.export.frames import frames_of_dataset, gazex_frames_of_sources
from gazekit.export.tables import EXPORTED_TABLES, export_table
from gazekit.export.tasks import TaskExport, check_tasks, export_tasks

__all__ = [
    "EXPORTED_TABLES",
    "BidsResult",
    "TaskExport",
    "check_tasks",
    "export_bids",
    "export_table",
    "export_tasks",
    "frames_of_dataset",
    "gazex_frames_of_sources",
]
