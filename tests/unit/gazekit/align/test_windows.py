"""Does each fixation go to the sentence that it precedes?"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.align import Sentence, assign_fixations, sentence_windows

S = 1_000_000


def _sentence(index: int, onset_s: float, offset_s: float) -> Sentence:
    return Sentence(index, "x", (), round(onset_s * S), round(offset_s * S))


def test_gaze_before_a_sentence_belongs_to_it_and_not_to_the_one_still_spoken() -> None:
    windows = sentence_windows([_sentence(0, 2, 5), _sentence(1, 5, 8)], lead_us=S, overlap="lead")
    assert [(w.onset_us, w.offset_us) for w in windows] == [(S, 4 * S), (4 * S, 8 * S)]


def test_the_lead_stops_at_the_onset_of_the_reading() -> None:
    (window,) = sentence_windows(
        [_sentence(0, 10.5, 12)], lead_us=S, overlap="lead", start_us=10 * S
    )
    assert window.onset_us == 10 * S


def test_a_short_sentence_keeps_its_first_half() -> None:
    first, second = sentence_windows(
        [_sentence(0, 4, 5), _sentence(1, 5, 8)], lead_us=3 * S, overlap="lead"
    )
    assert first.offset_us == second.onset_us == round(4.5 * S)


def test_shared_windows_overlap() -> None:
    first, second = sentence_windows(
        [_sentence(0, 2, 5), _sentence(1, 5, 8)], lead_us=S, overlap="share"
    )
    assert second.onset_us < first.offset_us


def test_an_untimed_sentence_has_no_window() -> None:
    untimed = Sentence(0, "x", (), None, None)
    windows = sentence_windows([untimed, _sentence(1, 5, 8)], lead_us=S, overlap="lead")
    assert [window.index for window in windows] == [1]


def test_a_fixation_across_the_border_goes_where_most_of_it_lies() -> None:
    windows = sentence_windows([_sentence(0, 2, 5), _sentence(1, 5, 8)], lead_us=S, overlap="lead")
    onset, offset = np.array([3 * S, round(3.8 * S)]), np.array([round(3.5 * S), round(4.3 * S)])
    (first, _), (second, inside) = assign_fixations(windows, onset, offset, overlap="lead")
    assert first.tolist() == [0]
    assert second.tolist() == [1]
    assert inside.tolist() == [round(0.3 * S)]


@pytest.mark.parametrize("overlap", ["lead", "share"])
def test_without_fixations_every_window_is_empty(overlap: str) -> None:
    windows = sentence_windows([_sentence(0, 2, 5)], lead_us=S, overlap=overlap)  # type: ignore[arg-type]
    none = np.zeros(0, np.int64)
    ((members, inside),) = assign_fixations(windows, none, none, overlap=overlap)  # type: ignore[arg-type]
    assert members.size == inside.size == 0


@given(
    st.lists(st.tuples(st.integers(0, 5 * S), st.integers(1, 5 * S)), min_size=1, max_size=12),
    st.integers(0, 4 * S),
)
def test_windows_never_overlap_and_no_fixation_counts_twice(
    spans: list[tuple[int, int]], lead_us: int
) -> None:
    now, sentences = 0, []
    for index, (pause, length) in enumerate(spans):
        now += pause
        sentences.append(Sentence(index, "x", (), now, now + length))
        now += length
    windows = sentence_windows(sentences, lead_us=lead_us, overlap="lead")
    assert len(windows) == len(sentences)
    for before, window in pairwise(windows):
        assert before.onset_us <= before.offset_us <= window.onset_us <= window.offset_us
    onset = np.arange(0, now, 200_000)
    held = assign_fixations(windows, onset, onset + 150_000, overlap="lead")
    members = np.concatenate([members for members, _ in held])
    assert np.unique(members).size == members.size
