"""Does a text change as one expects who types it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.typed import TypedText, wrapped

TEXTS = st.text(st.sampled_from("ab éß \n漢"), max_size=60)
EDITING = ("left", "right", "up", "down", "home", "end", "backspace", "delete", "return", "f5")
KEYS = st.sampled_from((*EDITING, "ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end"))


@given(text=TEXTS, columns=st.integers(1, 12))
def test_rows_hold_every_character_once_and_fit(text: str, columns: int) -> None:
    rows = wrapped(text, columns)
    kept = "".join(text[start:end] for start, end in rows)
    assert kept == text.replace("\n", "")
    assert all(len(text[start:end].rstrip(" ")) <= columns for start, end in rows)


@given(text=TEXTS, keys=st.lists(KEYS, max_size=25), columns=st.integers(2, 12))
def test_the_cursor_stays_in_the_text(text: str, keys: list[str], columns: int) -> None:
    typed = TypedText.of(text)
    for key in keys:
        typed = typed.key(key, columns)
        assert 0 <= typed.cursor <= len(typed.text)
        row, column = typed.place(columns)
        start, end = wrapped(typed.text, columns)[row]
        assert start + column == typed.cursor <= end


@given(text=TEXTS, more=TEXTS, columns=st.integers(2, 12))
def test_what_is_typed_can_be_taken_back(text: str, more: str, columns: int) -> None:
    typed = TypedText(text, len(text) // 2).insert(more)
    for _ in more:
        typed = typed.key("backspace", columns)
    assert typed == TypedText(text, len(text) // 2)


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["home"], 13),
        (["up"], 5),
        (["up", "end"], 12),
        (["up", "home"], 0),
        (["up", "up"], 5),
        (["ctrl+left"], 13),
        (["ctrl+home", "ctrl+right"], 6),
    ],
)
def test_keys_move_by_rows_and_words(keys: list[str], cursor: int) -> None:
    typed = TypedText.of("heart normal lungs")
    assert wrapped(typed.text, 12) == [(0, 13), (13, 18)]
    for key in keys:
        typed = typed.key(key, 12)
    assert typed.cursor == cursor
