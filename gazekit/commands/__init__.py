"""The ``gazekit`` program: its verbs, each a module of this package."""

from gazekit.console import command_group

__all__ = ["main"]

main = command_group(
    "gazekit",
    "Clean, align and pack gaze recordings of radiologists into a Parquet dataset.",
    __name__,
    {
        "build": "Build a dataset from sessions, recordings or public datasets.",
        "deid": "De-identify a folder of DICOM files.",
        "detect": "Find fixations, saccades and blinks in one recording.",
        "diff": "Say what differs between two datasets.",
        "erase": "Remove every row of a reader or a patient from datasets.",
        "export": "Hand a dataset to other tools: BIDS, CSV, Parquet, LLaMA-Factory, chat.",
        "frames": "Render the key frames of a reading as pictures.",
        "merge": "Join two datasets to one.",
        "migrate": "Bring a dataset to the schema of this version.",
        "pack": "Join the parts that shares of a build made to a dataset.",
        "plot": "Draw a figure of a reading for a paper: PNG, SVG, PDF.",
        "replay": "Play a reading of a dataset again, as one HTML page.",
        "report": "Write the report of a dataset as one HTML page.",
        "show": "Say what a session, dataset, image or recording holds.",
        "source": "Look into what a dataset could be built from.",
        "synth": "Simulate a study: phantom radiographs, readings, ground truth.",
        "transcribe": "Find when each dictated word was said.",
        "verify": "Check a dataset: checksums, schemas, links, splits.",
        "view": "Browse a dataset; mark what the next build leaves out.",
    },
)
