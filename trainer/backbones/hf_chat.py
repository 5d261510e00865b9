"""What stands around pictures, question and answer of a model: its own chat template, cut in parts.

::

    head | before  PICTURE  after | gap  QUESTION | turn  ANSWER  end
    ^      ^ once for each picture  ^ from here on, a batch's ids
"""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gazekit.model.errors import DataError
from gazekit.model.layout_runs import ModelLayout
from trainer.backbones.hf_families import Family

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

__all__ = ["Chat", "chat_of"]

_QUESTION, _ANSWER = "QUESTIONqqq", "ANSWERaaa"
_FIRST, _LAST = (
    ("vision_start_token_id", "boi_token_index"),
    ("vision_end_token_id", "eoi_token_index"),
)
"""How families call the tokens before and after those of a picture."""


@dataclass(frozen=True)
class Chat:
    """The parts, as text; `end` is the one token that closes an answer.

    `image`: the token that stands for each patch of a picture.
    """

    head: str
    before: str
    after: str
    gap: str
    turn: str
    image: int
    end: int


def chat_of(
    tokenizer: "PreTrainedTokenizerFast",
    folder: ModelLayout,
    settings: dict[str, Any],
    *,
    family: Family,
) -> Chat:
    """Cut up the template of a model; of a family without, pictures, question, line end, answer.

    Parameters
    ----------
    settings
        The model's own configuration.

    Raises
    ------
    DataError
        There is no token for pictures, no template, or it has no place for a picture.
    """
    image = _token(settings, "image_token_id", "image_token_index")
    if image is None:
        raise DataError(
            "the model has no token for pictures",
            where=f"model.path: {folder.root.name}",
            remedy="give the folder of an image-text-to-text model of the Hugging Face library",
        )
    first, last = _token(settings, *_FIRST), _token(settings, *_LAST)
    marks = tuple("" if t is None else _text(tokenizer, t) for t in (first, image, last))
    before, after = family.margin + marks[0], marks[2] + family.margin
    end = int(tokenizer.eos_token_id)
    if not family.talks:
        return Chat("", before, after, tokenizer.bos_token or "", "\n", image, end)
    head, gap, turn, tail = _cut(tokenizer, folder, marks)
    closing = tokenizer.encode(tail, add_special_tokens=False)
    return Chat(head, before, after, gap, turn, image, int(closing[0]) if closing else end)


def _cut(
    tokenizer: "PreTrainedTokenizerFast", folder: ModelLayout, marks: tuple[str, ...]
) -> tuple[str, str, str, str]:
    """Return what a template writes before a picture, before a question, an answer, and last."""
    template = _template(tokenizer, folder)
    if template is None:
        raise DataError(
            "the tokenizer has no chat template",
            where=f"model.path: {folder.root.name}",
            expected=folder.chat_templates[0].name,
            remedy="give the folder of a model that was taught to answer, not a base model's",
        )
    start, shown = tokenizer.bos_token or "", _rendered(tokenizer, template)
    if tokenizer.encode("") and not shown.startswith(start):
        shown = start + shown
    head, question, rest = shown.partition(_QUESTION)
    turn, answer, tail = rest.partition(_ANSWER)
    first, middle, last = map(re.escape, marks)
    place = re.search(f"(?:{first})?{middle}(?:{last})?", head)
    if place is None and first:
        place = re.search(first, head)
    if not (question and answer and place):
        raise DataError(
            "the chat template has no place for a picture, a question and an answer",
            where=f"model.path: {folder.root.name}",
            remedy=f"fetch {folder.chat_templates[0].name} anew from where the model comes from",
        )
    return head[: place.start()], head[place.end() :], turn, tail


def _token(settings: dict[str, Any], *names: str) -> int | None:
    return next((int(settings[name]) for name in names if settings.get(name) is not None), None)


def _text(tokenizer: "PreTrainedTokenizerFast", token: int) -> str:
    return str(tokenizer.convert_ids_to_tokens(token))


def _template(tokenizer: "PreTrainedTokenizerFast", folder: ModelLayout) -> str | None:
    """Return the template of the processor, or of the tokenizer alone."""
    plain, wrapped = folder.chat_templates
    if plain.is_file():
        return plain.read_text("utf-8")
    if wrapped.is_file():
        return str(json.loads(wrapped.read_text("utf-8"))["chat_template"])
    own = tokenizer.chat_template
    return own if isinstance(own, str) else None


def _rendered(tokenizer: "PreTrainedTokenizerFast", template: str) -> str:
    def said(role: str, *parts: dict[str, str]) -> dict[str, Any]:
        return {"role": role, "content": list(parts)}

    talk = [
        said("user", {"type": "image"}, {"type": "text", "text": _QUESTION}),
        said("assistant", {"type": "text", "text": _ANSWER}),
    ]
    return str(tokenizer.apply_chat_template(talk, chat_template=template, tokenize=False))
