"""Where does the model look for a sentence: its rows of the text x patch attention."""

import torch
from torch import Tensor

__all__ = ["row_targets", "sentence_maps"]


def sentence_maps(attention: Tensor, sentence: Tensor, *, sentences: int) -> Tensor:
    """Average the attention of the rows that PREDICT each sentence's tokens.

    Parameters
    ----------
    attention
        float, shape (batch, T, P); each row sums to 1.
    sentence
        int64, shape (batch, T): the sentence of the token that a row predicts, -1 for none.
    sentences
        S, the most sentences of a reading.

    Returns
    -------
    Tensor
        Shape (batch, S, P); a map sums to 1, or is all zero for a sentence without rows.
    """
    index = torch.arange(sentences, device=sentence.device)
    pool = (sentence[:, None, :] == index[None, :, None]).to(attention.dtype)  # (batch, S, T)
    return (pool @ attention) / pool.sum(dim=2, keepdim=True).clamp(min=1)


def row_targets(gaze: Tensor, mask: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
    """Give each text row the gaze of the sentence whose token it predicts.

    Supervised row by row, already the row that predicts a sentence's first word must look where
    the reader looked: before any word has told what is there.

    Parameters
    ----------
    gaze, mask
        Shapes (batch, S, P) and (batch, S): densities and which are supervised.
    sentence
        int64, shape (batch, T): the sentence of the token that a row predicts, -1 for none.

    Returns
    -------
    gaze, weight
        Shapes (batch, T, P) and (batch, T); the weights of a supervised sentence's rows sum to 1.
    """
    index = torch.arange(gaze.shape[1], device=sentence.device)
    pool = (sentence[:, :, None] == index[None, None, :]).to(gaze.dtype)  # (batch, T, S)
    share = mask / pool.sum(dim=1).clamp(min=1)  # (batch, S)
    return pool @ gaze, (pool @ share[:, :, None]).squeeze(-1)
