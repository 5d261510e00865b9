"""Where did the model look for a sentence: its rows of the text x patch attention, averaged."""

import torch
from torch import Tensor

__all__ = ["sentence_maps"]


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
