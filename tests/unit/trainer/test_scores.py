"""Are reports, evidence and paths counted as their figures say, beside their controls?"""

import numpy as np
import pytest

from gazekit.metrics import Scanpath, SentenceLabeller, Votes
from trainer.corpus import Fixations, Sample, Sentence
from trainer.evidence import Written
from trainer.held_out import HeldOut, Renderer
from trainer.score_evidence import Baselines, Others, count_evidence
from trainer.score_path import count_path, reader_path
from trainer.score_report import MODEL, Reporter, count_report, count_votes
from trainer.tally import Tally, Who

GRID, SIZE_PX = 12, 96
RENDERER = Renderer(SIZE_PX, GRID, 0.5)
JUDGE = Reporter(SentenceLabeller(), frozenset({"Lung Lesion"}), SIZE_PX)


def _map(column: int, row: int) -> np.ndarray:
    heat = np.full((GRID, GRID), 1e-6, np.float32)
    heat[row, column] = 1
    return heat


def _sample(*sentences: Sentence, reading: str = "r", image: str = "i") -> Sample:
    return Sample(reading, "p", image, 0, (96, 96), sentences)


def _look(*places: tuple[float, float]) -> Fixations:
    x, y = np.array(places, float).T
    one = np.ones(x.size)
    return Fixations(x, y, one * 1e5, one, one)


def _item(
    sample: Sample, stranger: Sample | None = None, peers: tuple[tuple[str, Sample], ...] = ()
) -> HeldOut:
    return HeldOut(sample, Who("p", "R1"), stranger, peers)


def _values(tally: Tally) -> dict[str, float]:
    return {name: figure.value for name, figure in tally.figures(seed=0).items()}


BOX = ("Lung Lesion", 16.0, 16.0, 24.0, 24.0)
NODULE = Sentence("A nodule.", frozenset({"Lung Lesion"}), _look((20, 20)), (BOX,), "B")
CLEAR = Sentence("No effusion.", frozenset(), None)


def _report(*written: tuple[str, np.ndarray]) -> dict[str, float]:
    tally = Tally()
    said = [Written(text, heat, heat[None]) for text, heat in written]
    count_report(tally, _item(_sample(NODULE, CLEAR)), said, None, JUDGE)
    found = _values(tally)
    return {name: found[name] for name in ("report_f1", "lesion_f1")}


def test_a_lesion_counts_where_label_and_place_are_right() -> None:
    right, wrong = _map(2, 2), _map(9, 9)
    assert _report(("A nodule.", right)) == {"report_f1": 1, "lesion_f1": 1}
    assert _report(("A nodule.", wrong)) == {"report_f1": 1, "lesion_f1": 0}
    assert _report(("No nodule.", right)) == {"report_f1": 0, "lesion_f1": 0}


def test_a_false_alarm_and_a_repetition_cost() -> None:
    right = _map(2, 2)
    found = _report(("A nodule.", right), ("A nodule.", right), ("Rib fracture.", right))
    assert found["report_f1"] == pytest.approx(2 / 3)
    assert found["lesion_f1"] == pytest.approx(2 / 3), "a box is taken once; fractures have none"


def test_the_words_of_another_image_are_the_bar() -> None:
    tally = Tally()
    said = [Written("A nodule. No effusion.", _map(2, 2), _map(2, 2)[None])]
    count_report(tally, _item(_sample(NODULE, CLEAR)), said, "A rib fracture.", JUDGE)
    found = _values(tally)
    assert found["bleu1"] == found["rouge_l"] == 1
    assert found["report_f1_shuffled"] == 0
    assert found["bleu1_shuffled"] < 1


def _evidence(item: HeldOut, *maps: np.ndarray) -> Tally:
    tally = Tally()
    count_evidence(
        tally,
        item,
        np.stack(maps),
        baselines=Baselines.on(GRID, [_map(2, 2)]),
        renderer=RENDERER,
        others=Others.of([item], RENDERER),
    )
    return tally


def test_evidence_is_counted_beside_its_controls() -> None:
    stranger = _sample(Sentence("x", frozenset(), _look((80, 80))), image="other")
    tally = _evidence(_item(_sample(NODULE, CLEAR), stranger), _map(2, 2), _map(0, 0))
    found = _values(tally)
    assert found["pointing"] == found["pointing_train_mean"] == found["pointing_own_gaze"] == 1
    assert found["pointing_centre"] == found["pointing_shuffled"] == 0
    assert found["miou"] > 0.3
    assert found["iou_30"] == 1
    assert found["centroid_error"] == pytest.approx(0, abs=1e-3)
    assert found["nss"] > 10
    assert found["nss_shuffled"] < 0
    assert found["gaze_cosine"] > found["gaze_cosine_centre"] > found["gaze_cosine_shuffled"]
    assert tally.figures(seed=0)["nss"].n == 1, "a sentence without gaze is not counted"
    assert "sauc" not in found, "no other image, no sAUC"


def test_other_readers_of_the_image_are_the_ceiling() -> None:
    same = Sentence("A nodule there.", NODULE.labels, _look((21, 21)), (), "B")
    other = Sentence("Clear.", frozenset(), _look((80, 80)), (), "B")
    peer = _sample(other, same, reading="q")
    found = _values(_evidence(_item(_sample(NODULE), None, (("R2", peer),)), _map(9, 9)))
    assert found["pointing_readers"] == 1, "the sentence of the same step and finding is taken"
    assert found["nss_readers"] > found["nss"]


def test_what_cannot_be_computed_is_absent() -> None:
    assert _values(_evidence(_item(_sample(CLEAR)), _map(2, 2))) == {}


def test_a_reader_is_scored_without_the_own_vote() -> None:
    mass = Sentence("A mass.", frozenset({"Lung Lesion"}), None)
    peers = (("R2", _sample(NODULE)), ("R3", _sample(mass)), ("R4", _sample(CLEAR)))
    tally = Tally()
    votes: dict[str, Votes] = {}
    count_votes(tally, _item(_sample(CLEAR), None, peers), frozenset({"Lung Lesion"}), votes)
    assert votes == {MODEL: Votes(tp=1, fn=0, fp=0), "R1": Votes(tp=0, fn=1, fp=0)}
    assert _values(tally) == {"vote_f1": 1, "vote_f1_readers": 0}
    alone: dict[str, Votes] = {}
    count_votes(tally, _item(_sample(CLEAR)), frozenset(), alone)
    assert alone == {}


def test_a_readers_path_follows_sentences_and_fixations() -> None:
    first = Sentence("a", frozenset(), _look((12, 12), (84, 12)))
    second = Sentence("b", frozenset(), _look((84, 84)))
    path = reader_path(_sample(first, CLEAR, second), RENDERER)
    assert path.x_px.round() == pytest.approx([12, 84, 84], abs=4)
    assert path.y_px.round() == pytest.approx([12, 12, 84], abs=4)
    assert path.duration_us.sum() == pytest.approx(3e5, abs=3)


def test_paths_are_compared_in_place_and_order() -> None:
    sample = _sample(CLEAR)
    truth = Scanpath.of([10, 50, 90], [10, 50, 90], 100_000)
    backwards = Scanpath.of([90, 50, 10], [90, 50, 10])
    for path, tau in ((truth, 1), (backwards, -1)):
        tally = Tally()
        count_path(tally, _item(sample), path, {"r": truth})
        found = _values(tally)
        assert found["order_tau"] == tau
        assert found["order_exact"] == (tau == 1)
        assert (found["scanmatch"] == 1) == (tau == 1)
        assert ("multimatch_duration" in found) == (path is truth), "no times, no duration"


def test_a_run_less_itself_is_nothing() -> None:
    tally = Tally()
    for patient, value in (("a", 0.2), ("b", 0.9), ("c", 0.4)):
        tally.add("nss", Who(patient, "R1"), value)
    (difference,) = tally.less(tally, seed=0).values()
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)
    assert difference.patients == 3
