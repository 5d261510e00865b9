"""How right is a generated report: its findings, their places, its words?"""

from collections.abc import Sequence
from dataclasses import dataclass

from gazekit.metrics import (
    SentenceLabeller,
    Votes,
    bleu_counts,
    f1_counts,
    leave_one_out,
    meteor_exact,
    point_in_box,
    rouge_l,
    votes_of,
    words,
)
from trainer.corpus import Sample
from trainer.evidence import Written
from trainer.held_out import HeldOut
from trainer.region import peak_px
from trainer.square import Square
from trainer.tally import Tally, Who

__all__ = ["MODEL", "Reporter", "count_report", "count_votes", "labels_of"]

MODEL = "model"
"""The rater that is not a reader."""


@dataclass(frozen=True)
class Reporter:
    """What reports are judged with. `placed`: labels that this dataset gives a place at all."""

    labeller: SentenceLabeller
    placed: frozenset[str]
    size_px: int


def count_report(
    tally: Tally, item: HeldOut, written: Sequence[Written], other: str | None, judge: Reporter
) -> None:
    """Count a generated report: finding labels, lesions with label and place right, words.

    `other` is a report that the model wrote for another image, whose words are the bar.
    """
    sample, who = item.sample, item.who
    truth = labels_of(sample)
    said = [(judge.labeller(sentence.text), sentence) for sentence in written]
    predicted: frozenset[str] = frozenset().union(*(labels for labels, _ in said))
    for label in sorted(predicted | truth):
        counts = f1_counts(predicted & {label}, truth & {label})
        tally.add("report_f1", who, *counts, findings=frozenset({label}))
    _count_lesions(tally, item, said, judge)
    true_words = words(" ".join(sentence.text for sentence in sample.sentences))
    ours = words(" ".join(sentence.text for sentence in written))
    _count_words(tally, who, ours, true_words, "")
    if other is not None:
        _count_words(tally, who, words(other), true_words, "_shuffled")
        foreign: frozenset[str] = frozenset().union(
            *(judge.labeller(text) for text in _sentences(other))
        )
        tally.add("report_f1_shuffled", who, *f1_counts(foreign, truth))
    for _, peer in item.peers:
        theirs = words(" ".join(sentence.text for sentence in peer.sentences))
        _count_words(tally, who, theirs, true_words, "_readers")
        tally.add("report_f1_readers", who, *f1_counts(labels_of(peer), truth))


def count_votes(
    tally: Tally, item: HeldOut, predicted: frozenset[str], votes: dict[str, Votes]
) -> None:
    """Count reader and model against the majority of the image's other readers."""
    said = {item.who.reader: labels_of(item.sample)}
    said |= {reader: labels_of(peer) for reader, peer in item.peers}
    truth = leave_one_out(said).get(item.who.reader)
    if truth is None:
        return
    reader = item.who.reader
    for rater, labels in ((MODEL, predicted), (reader, said[reader])):
        one = votes_of(labels, truth)
        old = votes.get(rater, Votes(tp=0, fn=0, fp=0))
        votes[rater] = Votes(tp=old.tp + one.tp, fn=old.fn + one.fn, fp=old.fp + one.fp)
    tally.add("vote_f1", item.who, *f1_counts(predicted, truth))
    tally.add("vote_f1_readers", item.who, *f1_counts(said[reader], truth))


def labels_of(sample: Sample) -> frozenset[str]:
    """Return the findings that a reader's sentences assert."""
    return frozenset().union(*(sentence.labels for sentence in sample.sentences))


def _count_words(
    tally: Tally, who: Who, said: Sequence[str], truth: Sequence[str], suffix: str
) -> None:
    counts = bleu_counts(said, truth)
    tally.add(f"bleu1{suffix}", who, *counts)
    tally.add(f"bleu4{suffix}", who, *counts)
    tally.add(f"rouge_l{suffix}", who, rouge_l(said, truth))
    tally.add(f"meteor_exact{suffix}", who, meteor_exact(said, truth))


def _count_lesions(
    tally: Tally,
    item: HeldOut,
    said: Sequence[tuple[frozenset[str], Written]],
    judge: Reporter,
) -> None:
    sample = item.sample
    boxes = sorted({box for sentence in sample.sentences for box in sentence.boxes})
    square = Square(sample.image_size, judge.size_px)
    claims = [
        (label, *peak_px(sentence.map, square))
        for labels, sentence in said
        for label in sorted(labels & judge.placed)
    ]
    for label in sorted({claim[0] for claim in claims} | {box[0] for box in boxes}):
        ours = [claim for claim in claims if claim[0] == label]
        theirs = [box for box in boxes if box[0] == label]
        hits = 2 * _matched(ours, theirs)
        tally.add("lesion_f1", item.who, hits, len(ours) + len(theirs), findings=frozenset({label}))


def _matched(
    claims: Sequence[tuple[str, float, float]],
    boxes: Sequence[tuple[str, float, float, float, float]],
) -> int:
    """Count claims that fall into a box of their label; a box is taken once."""
    left = list(boxes)
    hits = 0
    for label, x, y in claims:
        match = next((b for b in left if b[0] == label and point_in_box(x, y, b[1:])), None)
        if match is not None:
            left.remove(match)
            hits += 1
    return hits


def _sentences(report: str) -> list[str]:
    return [f"{part.strip()}." for part in report.split(".") if part.strip()]
