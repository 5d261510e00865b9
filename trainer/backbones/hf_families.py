"""Which families of vision-language models are known, and in what do they differ?

Only what a model's own files do not tell: sizes, marks and scaling of pictures, layers and their
windows stand in its configuration, its tokenizer and its image processor.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gazekit.model.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FAMILIES", "Family", "family_of"]


@dataclass(frozen=True)
class Family:
    """What is peculiar to a family; `name`: the library's own, ``model_type``.

    `convention`: how it writes places (`trainer.conventions`). `margin`: what its processor puts
    around each picture beside the picture's marks. `talks`: whether it is asked by a chat template,
    or answers whatever line comes after pictures. `typed`: the argument by which it must be told
    of tokens, and `types`: of which, those of pictures, or those of the answer.
    """

    name: str
    convention: str
    margin: str = ""
    talks: bool = True
    typed: str | None = None
    types: Literal["pictures", "answer"] = "pictures"

    def token_types(self, *, pictures: "Tensor", answer: "Tensor") -> dict[str, "Tensor"]:
        """Return what a model must be told of tokens.

        Parameters
        ----------
        pictures, answer
            bool, shape (batch, L): which tokens are of pictures, and which come after the question.

        Returns
        -------
        dict
            An argument of the model's pass, int64, shape (batch, L); none for some families.
        """
        if self.typed is None:
            return {}
        return {self.typed: (pictures if self.types == "pictures" else answer).long()}


FAMILIES = {
    one.name: one
    for one in (
        # Rotary positions of pictures are by rows and columns, so it must be told of pictures.
        Family("qwen2_vl", "qwen2vl-norm1000", typed="mm_token_type_ids"),
        Family("qwen2_5_vl", "qwen25vl-pixels", typed="mm_token_type_ids"),
        Family("qwen3_vl", "qwen3vl-norm1000", typed="mm_token_type_ids"),
        Family("llava", "llava-unit"),
        # Tokens of a picture see each other both ways; MedGemma is of this family.
        Family("gemma3", "gemini-norm1000", margin="\n\n", typed="token_type_ids"),
        # Tokens of pictures and question see each other both ways, those of the answer do not.
        Family(
            "paligemma", "paligemma-loc1024", talks=False, typed="token_type_ids", types="answer"
        ),
    )
}
"""By name."""


def family_of(settings: dict[str, Any]) -> Family:
    """Return the family of a model, by its own configuration.

    Raises
    ------
    UsageError
        It is of none that is known.
    """
    name = str(settings.get("model_type"))
    if name not in FAMILIES:
        raise UsageError(
            "a family of models that is not known",
            where="model.path: model_type",
            expected=", ".join(FAMILIES),
            found=name,
            remedy=did_you_mean(name, list(FAMILIES)) or "give a model of one of these families",
        )
    return FAMILIES[name]
