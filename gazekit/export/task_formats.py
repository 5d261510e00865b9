"""How does a sample stand in the file of a training program? As ShareGPT or as chat messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gazekit.tasks import Sample

__all__ = ["Format", "Shown", "chat_record", "llamafactory_info", "llamafactory_record"]

Format = Literal["llamafactory", "chat"]
_IMAGE, _VIDEO = "<image>", "<video>"


@dataclass(frozen=True)
class Shown:
    """The pictures of a sample: its image, and its frames in order."""

    image: str
    frames: Sequence[str]


def llamafactory_record(sample: Sample, shown: Shown, *, video: bool) -> dict[str, object]:
    """Return a sample as LLaMA-Factory reads it: one tag in the text for each picture or video.

    A video is the list of its frames, each a picture without loss.
    """
    lines, videos = [_IMAGE], []
    images = [shown.image]
    if shown.frames and video:
        lines.append(_VIDEO)
        videos.append(list(shown.frames))
    elif shown.frames:
        lines += [f"{label}{_IMAGE}" for label in _labels(sample)]
        images += shown.frames
    return {
        "id": sample.id,
        "messages": [
            {"role": "user", "content": "\n".join([*lines, _plain(sample.prompt)])},
            {"role": "assistant", "content": _plain(sample.answer)},
        ],
        "images": images,
        "videos": videos,
    }


def llamafactory_info(names: dict[str, str]) -> dict[str, object]:
    """Return ``dataset_info.json`` for data sets by name and the file of each."""
    return {
        name: {
            "file_name": file,
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "images": "images", "videos": "videos"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
            },
        }
        for name, file in names.items()
    }


def chat_record(sample: Sample, shown: Shown) -> dict[str, object]:
    """Return a sample as messages that a chat template takes; each frame is an image.

    The key is ``path``, which processors of the transformers library open, and which stays apart
    from the words "image" and "video" that some templates look for in every part.
    """
    parts: list[dict[str, str]] = [{"type": "image", "path": shown.image}]
    for label, path in zip(_labels(sample), shown.frames, strict=True):
        parts += [{"type": "text", "text": label}] if label else []
        parts.append({"type": "image", "path": path})
    parts.append({"type": "text", "text": sample.prompt})
    answer = [{"type": "text", "text": sample.answer}]
    return {
        "id": sample.id,
        "task": sample.task,
        "split": sample.split,
        "messages": [
            {"role": "user", "content": parts},
            {"role": "assistant", "content": answer},
        ],
    }


def _labels(sample: Sample) -> list[str]:
    if not sample.numbered:
        return [""] * len(sample.frames)
    return [f"Frame {number}: " for number in range(1, len(sample.frames) + 1)]


def _plain(text: str) -> str:
    """Keep dictated words from being read as tags."""
    for tag in (_IMAGE, _VIDEO, "<audio>"):
        text = text.replace(tag, tag.strip("<>"))
    return text
