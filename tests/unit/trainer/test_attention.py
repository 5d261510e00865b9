"""Are the rows that predict a sentence's tokens the ones that are averaged?"""

import pytest
import torch

from trainer.attention import row_targets, sentence_maps


def test_rows_are_averaged_by_the_sentence_that_they_predict() -> None:
    rows = torch.eye(4).reshape(1, 4, 4)  # row i looks at patch i
    maps = sentence_maps(rows, torch.tensor([[0, 0, 1, -1]]), sentences=3)
    expected = [[0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert maps[0].tolist() == expected


def test_a_map_of_densities_is_a_density() -> None:
    rows = torch.randn(2, 9, 16).softmax(-1)
    sentence = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 2, -1], [0, 1, 1, 1, 1, 1, -1, -1, -1]])
    sums = sentence_maps(rows, sentence, sentences=3).sum(-1)
    assert sums.flatten().tolist() == pytest.approx([1, 1, 1, 1, 1, 0])


def test_each_row_gets_the_gaze_of_its_sentence() -> None:
    gaze = torch.eye(4)[None, :3]  # sentence i was read at patch i
    targets, weight = row_targets(
        gaze, torch.tensor([[1.0, 0.0, 1.0]]), torch.tensor([[0, 0, 1, 2, -1]])
    )
    assert weight.tolist() == [[0.5, 0.5, 0, 1, 0]]
    assert targets[0, [0, 1, 3]].argmax(-1).tolist() == [0, 0, 2]
    assert targets[0, 4].sum() == 0
