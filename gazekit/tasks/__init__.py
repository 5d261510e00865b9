"""Which samples does a model learn from? The paper's pretraining tasks over a built dataset."""

from gazekit.tasks.records import Frame, Sample, TaskOptions
from gazekit.tasks.rows import ReadingRows, readings_of, refuse_old
from gazekit.tasks.samples import samples_of, samples_of_reading

__all__ = [
    "Frame",
    "ReadingRows",
    "Sample",
    "TaskOptions",
    "readings_of",
    "refuse_old",
    "samples_of",
    "samples_of_reading",
]
