"""Do the samples of a reading hold the known answers?"""

from typing import Any

from gazekit.model.templates import PHRASES, Task
from gazekit.tasks import Frame, ReadingRows, Sample, TaskOptions, samples_of_reading


def _finding(label: str, *, origin: str = "human", **values: Any) -> dict[str, Any]:
    box = dict.fromkeys(("x0_px", "y0_px", "x1_px", "y1_px"))
    return {"label": label, "assertion": "present", "origin": origin} | box | values


def _cluster(order: int, x: float, y: float) -> dict[str, Any]:
    box = {"x0_px": x - 50, "y0_px": y - 50, "x1_px": x + 50, "y1_px": y + 50}
    return {"order": order, "centroid_x_px": x, "centroid_y_px": y, **box}


def _keyframe(index: int, text: str, *, clusters: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "keyframe_id": f"r1/{index}",
        "sentence_index": index,
        "text": text,
        "findings": [],
        "clusters": [_cluster(i, 100.0 + 100 * i, 200.0) for i in range(clusters)],
        "fixation_cluster": list(range(clusters)),
        "image_width_px": 1000,
        "image_height_px": 2000,
        "gaze_x0_px": 50.0,
        "gaze_y0_px": 150.0,
        "gaze_x1_px": 450.0,
        "gaze_y1_px": 250.0,
        "centroid_x_px": 250.0,
        "centroid_y_px": 200.0,
    } | values


# The second sentence of the reading had no gaze: it is in the report and has no key frame.
KEYFRAMES = (
    _keyframe(0, "Lungs are clear.", clusters=2),
    _keyframe(2, "Small effusion.", clusters=4),
    _keyframe(3, "Heart is normal."),
)
READING = {
    "reading_id": "r1",
    "image_id": "img-1",
    "split": "train",
    "report": "Lungs are clear. No fracture. Small effusion. Heart is normal.",
    "findings": [],
}


def _samples(
    task: Task, *keyframes: dict[str, Any], options: dict[str, Any] | None = None, **reading: Any
) -> list[Sample]:
    rows = ReadingRows(READING | reading, keyframes or KEYFRAMES)
    chosen = TaskOptions(tasks=(task,), **(options or {}))
    return list(samples_of_reading(rows, chosen, picture_px=(500, 1000)))


def test_the_trajectory_shows_each_sentence_in_order_and_its_whole_gaze_last() -> None:
    (sample,) = _samples("trajectory")
    assert sample.answer == READING["report"]
    assert sample.frames == (
        *(Frame("r1/0", i) for i in range(2)),
        Frame("r1/0"),
        *(Frame("r1/2", i) for i in range(4)),
        Frame("r1/2"),
        Frame("r1/3"),
    )


def test_a_sentence_without_gaze_moves_no_frame_to_another_sentence() -> None:
    by_text = {sample.answer: sample.frames[-1] for sample in _samples("finding")}
    assert by_text == {
        "Lungs are clear.": Frame("r1/0"),
        "Small effusion.": Frame("r1/2"),
        "Heart is normal.": Frame("r1/3"),
    }


def test_perception_names_the_clues_in_order_and_one_observation() -> None:
    first, _, last = _samples("perception")
    assert first.answer.splitlines() == [
        "Clue 1: box [50, 75, 150, 125], centre [100, 100]",
        "Clue 2: box [150, 75, 250, 125], centre [200, 100]",
        "Observation: box [50, 75, 450, 125], centre [250, 100]",
    ]
    assert '"Lungs are clear."' in first.prompt
    assert last.answer == "Observation: box [50, 75, 450, 125], centre [250, 100]"
    in_pixels = _samples("perception", options={"coordinates": "pixels"})[2]
    assert in_pixels.answer == "Observation: box [25, 75, 225, 125], centre [125, 100]"


def test_perception_without_a_box_is_no_sample() -> None:
    assert _samples("perception", _keyframe(0, "Clear.", gaze_x0_px=None)) == []


def test_following_the_global_answer_gives_the_sentences_in_order() -> None:
    for seed in range(8):
        (sample,) = _samples("order_global", options={"seed": seed})
        order, report = sample.answer.split("\n")
        numbers = [int(n) for n in order.removeprefix("Order: ").split(", ")]
        followed = [sample.frames[n - 1].keyframe_id for n in numbers]
        assert followed == ["r1/0", "r1/2", "r1/3"]
        assert numbers != [1, 2, 3]
        assert report == f"Report: {READING['report']}"
        assert sample.numbered


def test_following_the_local_answer_gives_the_clusters_in_order() -> None:
    for seed in range(8):
        (sample,) = _samples("order_local", options={"seed": seed})  # only one has three or more
        numbers = [int(n) for n in sample.answer.removeprefix("Order: ").split(", ")]
        assert [sample.frames[n - 1] for n in numbers] == [Frame("r1/2", i) for i in range(4)]
        assert '"Small effusion."' in sample.prompt


def test_a_cluster_that_holds_no_fixation_is_not_shown() -> None:
    row = _keyframe(0, "Clear.", clusters=4, fixation_cluster=[0, None, 2, 3])
    (sample,) = _samples("order_local", row)
    assert {frame.order for frame in sample.frames} == {0, 2, 3}


def test_grounding_takes_boxes_that_a_reader_placed_and_none_from_gaze() -> None:
    box: dict[str, Any] = {"x0_px": 100.0, "y0_px": 200.0, "x1_px": 300.0, "y1_px": 400.0}
    placed = _keyframe(0, "Nodule.", findings=[_finding("Lung Lesion", **box)])
    guessed = _keyframe(1, "Mass.", findings=[_finding("Lung Lesion", origin="gaze", **box)])
    (sample,) = _samples("grounding", placed, guessed, _keyframe(2, "Clear."))
    assert sample.answer == "Lung Lesion: box [100, 100, 300, 200]"
    assert '"Nodule."' in sample.prompt


def test_questions_are_answered_as_somebody_judged() -> None:
    findings = [
        _finding("Edema", assertion="absent"),
        _finding("Fracture", assertion="uncertain"),
        _finding("Pneumonia", origin="text"),
        _finding("Cardiomegaly"),
        _finding("Atelectasis"),
        _finding("Atelectasis", assertion="absent"),
    ]
    answers = {s.id.split("/")[-1]: s.answer for s in _samples("vqa", findings=findings)}
    assert answers == {"Edema": "No.", "Fracture": "Uncertain.", "Cardiomegaly": "Yes."}


def test_what_a_reading_lacks_gives_no_sample() -> None:
    assert _samples("report", report=None) == []
    assert _samples("trajectory", report=None) == []
    assert _samples("order_global", *KEYFRAMES[:2]) == []
    for task in PHRASES:
        rows = ReadingRows(READING | {"report": None}, ())
        assert list(samples_of_reading(rows, TaskOptions(tasks=(task,)))) == []
