"""Which figures does an evaluation have, what is each, and what stands beside it?"""

from dataclasses import dataclass, field

from gazekit.metrics import Bleu, Statistic, icc_of_sums, ratio
from trainer.tasks.scores import MEANINGS

__all__ = ["MEASURES", "RIVALS", "TASKS", "Measure", "base_of", "meaning_of"]

RIVALS = {
    "_centre": "for a centred Gaussian",
    "_train_mean": "for the mean gaze map of the train split",
    "_shuffled": "for what belongs to a reading of another image",
    "_own_gaze": "for the reader's own gaze: what the supervision itself would reach",
    "_readers": "between readers of the same image: the ceiling",
    "_majority": "for always saying a kind of question's most frequent answer",
    "_as_shown": "for leaving frames in the order in which they are shown: chance",
}
"""Suffix of what a figure is compared with."""

TASKS = ("report", "grounding", "gaze", "scanpath", "agreement", "order", "vqa", "tokens")


@dataclass(frozen=True)
class Measure:
    """A figure: its task, what it is, how it is made of sums, whether more is better."""

    task: str
    name: str
    meaning: str
    statistic: Statistic = field(default=ratio)
    higher: bool = True


def _measures() -> dict[str, Measure]:
    return {
        **_report_measures(),
        **_grounding_measures(),
        **_gaze_measures(),
        **_path_measures(),
        "vote_f1": Measure(
            "agreement",
            "F1 against the other readers",
            "finding labels against the majority of the image's readers, the scored one left out",
        ),
        **{
            name: Measure(_group(name), name.replace("_", " ").capitalize(), meaning)
            for name, meaning in MEANINGS.items()
            if not name.endswith(tuple(RIVALS))
        },
    }


def _report_measures() -> dict[str, Measure]:
    return {
        "report_f1": Measure(
            "report",
            "Finding F1",
            "micro F1 of finding labels in generated reports (rule-based labels: a proxy)",
        ),
        "lesion_f1": Measure(
            "report",
            "Lesion F1: label and place",
            "micro F1 of generated findings, label and place both right",
        ),
        "bleu1": Measure("report", "BLEU-1", "corpus BLEU of single words, reports", Bleu(1)),
        "bleu4": Measure("report", "BLEU-4", "corpus BLEU of 1 to 4 words, not smoothed", Bleu()),
        "rouge_l": Measure("report", "ROUGE-L", "F1 of the longest common subsequence of words"),
        "meteor_exact": Measure(
            "report", "METEOR, exact words", "METEOR without stems and synonyms (no WordNet)"
        ),
    }


def _grounding_measures() -> dict[str, Measure]:
    placed = "of dictated sentences with a placed finding"
    return {
        "pointing": Measure("grounding", "Pointing game", f"share {placed} whose map peaks in it"),
        "miou": Measure(
            "grounding", "mIoU", f"mean intersection over union {placed}: region and true box"
        ),
        "iou_30": Measure("grounding", "IoU at least .3", f"share {placed} with that overlap"),
        "iou_50": Measure("grounding", "IoU at least .5", f"share {placed} with that overlap"),
        "centroid_error": Measure(
            "grounding",
            "Centroid error",
            f"distance {placed}: region's centroid to the box's centre, share of the diagonal",
            higher=False,
        ),
        "centroid_icc_x": Measure(
            "grounding", "Centroid ICC, x", "ICC(2,1) of region's and box's centre", icc_of_sums
        ),
        "centroid_icc_y": Measure(
            "grounding", "Centroid ICC, y", "ICC(2,1) of region's and box's centre", icc_of_sums
        ),
    }


def _gaze_measures() -> dict[str, Measure]:
    sentence = "of dictated sentences' maps"
    region = "that of the model's map and that of the reader's gaze map (GazeX)"
    return {
        "nss": Measure(
            "gaze", "NSS", f"normalised scanpath saliency {sentence} at their fixations"
        ),
        "cc": Measure("gaze", "CC", f"Pearson's correlation {sentence} with their gaze maps"),
        "sim": Measure("gaze", "SIM", f"shared mass {sentence} and their gaze maps"),
        "kl": Measure(
            "gaze", "KL, nats", f"KL(gaze || map) {sentence}: less is better", higher=False
        ),
        "auc_judd": Measure("gaze", "AUC-Judd", f"area under ROC {sentence}, fixated cells or not"),
        "sauc": Measure(
            "gaze", "sAUC", f"the same {sentence}, against fixations on the split's other images"
        ),
        "gaze_cosine": Measure(
            "gaze", "Gaze-cluster cosine", f"cosine {sentence} with their gaze maps (GazeX)"
        ),
        "gaze_icc_x": Measure(
            "gaze", "Gaze-centroid ICC, x", f"ICC(2,1) of centroids: {region}", icc_of_sums
        ),
        "gaze_icc_y": Measure(
            "gaze", "Gaze-centroid ICC, y", f"ICC(2,1) of centroids: {region}", icc_of_sums
        ),
    }


def _group(name: str) -> str:
    """Return the task of a figure of answers: orders, questions, or boxes told as tokens."""
    first = name.split("_", maxsplit=1)[0]
    return first if first in TASKS and first != "grounding" else "tokens"


def _path_measures() -> dict[str, Measure]:
    paths = "of the inspection of a generated report and the reader's"
    multimatch = f"MultiMatch {paths}"
    return {
        "scanmatch": Measure(
            "scanpath", "ScanMatch", f"ScanMatch {paths}, 8 x 12 cells, each point one letter"
        ),
        **{
            f"multimatch_{part}": Measure(
                "scanpath", f"MultiMatch, {part}", f"{multimatch}: {part}, not simplified"
            )
            for part in ("shape", "direction", "length", "position", "duration")
        },
        "edit_distance": Measure(
            "scanpath",
            "Edit distance",
            f"edits {paths}, 5 x 5 cells, share of the longer path: less is better",
            higher=False,
        ),
        "order_tau": Measure(
            "scanpath", "Order, Kendall's tau", f"first visits to common cells {paths}"
        ),
        "order_exact": Measure(
            "scanpath", "Order, exact", f"share of readings with all common cells in order {paths}"
        ),
    }


MEASURES = _measures()
"""Every figure by name; one that cannot be computed is absent."""


def base_of(name: str) -> tuple[str, str]:
    """Split the name of a figure into the measure and the suffix of what it is compared with."""
    for suffix in RIVALS:
        if name.endswith(suffix) and name.removesuffix(suffix) in MEASURES:
            return name.removesuffix(suffix), suffix
    return name, ""


def meaning_of(name: str) -> str:
    """Return what a figure is."""
    base, suffix = base_of(name)
    return MEASURES[base].meaning if not suffix else f"{base} {RIVALS[suffix]}"
