"""Do the figures of generated text equal what a hand computes?"""

import numpy as np
import pytest

from gazekit.metrics import Bleu, bleu_counts, meteor_exact, rouge_l, words

SAID = words("The cat is on the mat.")
TRUTH = words("There is a cat on the mat.")


def _bleu(pairs: list[tuple[str, str]], order: int = 4) -> float:
    counts = [bleu_counts(words(said), words(truth)) for said, truth in pairs]
    return float(Bleu(order)(np.array(counts).sum(axis=0, keepdims=True))[0])


def test_words_have_neither_case_nor_punctuation() -> None:
    assert words("No Effusion, 3 cm.") == ["no", "effusion", "3", "cm"]


def test_bleu_is_computed_over_the_corpus() -> None:
    # Unigrams 5 of 6 (the, cat, is, on, mat; "the" once), bigrams 2 of 5, trigrams 1 of 4.
    assert _bleu([(" ".join(SAID), " ".join(TRUTH))], order=1) == pytest.approx(
        5 / 6 * np.exp(1 - 7 / 6)
    )
    assert _bleu([(" ".join(SAID), " ".join(TRUTH))], order=3) == pytest.approx(
        (5 / 6 * 2 / 5 * 1 / 4) ** (1 / 3) * np.exp(1 - 7 / 6)
    )
    assert _bleu([(" ".join(SAID), " ".join(TRUTH))]) == 0, "no run of four words in common"
    same = ("one two three four five", "one two three four five")
    assert _bleu([same]) == pytest.approx(1)
    assert 0 < _bleu([same, (" ".join(SAID), " ".join(TRUTH))]) < 1


def test_bleu_counts_a_word_as_often_as_the_truth_has_it() -> None:
    assert _bleu([("the the the the the the the", " ".join(TRUTH))], order=1) == pytest.approx(
        1 / 7
    )


def test_bleu_without_a_truth_is_absent_and_of_silence_nothing() -> None:
    assert np.isnan(_bleu([("a b c d", "")]))
    assert _bleu([("", "a b c d")]) == 0


def test_rouge_l_is_the_longest_common_subsequence() -> None:
    assert rouge_l(SAID, TRUTH) == pytest.approx(2 * 4 / 13)  # cat on the mat
    assert rouge_l([], TRUTH) == 0
    assert rouge_l(SAID, []) is None


def test_meteor_counts_matches_and_runs() -> None:
    # Matches: "on the mat", "cat", "is": 5 in 3 runs.
    precision, recall = 5 / 6, 5 / 7
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    assert meteor_exact(SAID, TRUTH) == pytest.approx(mean * (1 - 0.5 * (3 / 5) ** 3))
    assert meteor_exact(words("a b c d"), words("a b c d")) == pytest.approx(1 - 0.5 / 64)
    assert meteor_exact(["x"], TRUTH) == 0
    assert meteor_exact(SAID, []) is None
