"""The ``trainer`` program: its verbs, each a module of this package."""

from gazekit.console import command_group

__all__ = ["main"]

main = command_group(
    "trainer",
    "Fit the gaze-supervised vision-language model to a built dataset.",
    __name__,
    {
        "doctor": "Check this machine before a run.",
        "init": "Write a configuration with every key explained.",
        "inspect": "Draw what a batch teaches over its pictures.",
        "cache": "Decode a dataset's images once, at training size.",
        "fit": "Train a model by a configuration file.",
        "evaluate": "Score a run on held-out readings, beside its baselines.",
        "predict": "Write report, trajectory and evidence for one image.",
        "export": "Write a run's best model to a folder of its own, with ONNX.",
    },
)
