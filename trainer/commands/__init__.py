"""The ``trainer`` program: its verbs, each a module of this package."""

from gazekit.console import command_group

__all__ = ["main"]

main = command_group(
    "trainer",
    "Fit the gaze-supervised vision-language model to a built dataset.",
    __name__,
    {
        "fit": "Train a model by a configuration file.",
        "evaluate": "Score a run on held-out readings, beside its baselines.",
        "predict": "Write report, trajectory and evidence for one image.",
    },
)
