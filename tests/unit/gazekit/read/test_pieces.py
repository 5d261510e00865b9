"""Do pieces of a text make up the whole of it, and come out in order however they are parsed?"""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.read.pieces import parsed_ahead, pieces_of


@given(
    lines=st.lists(st.text("ab1,.", max_size=12), max_size=30),
    size=st.integers(1, 60),
    mark=st.sampled_from(["\n", "\r\n"]),
    last=st.sampled_from(["", "end"]),
)
def test_pieces_are_the_lines_after_the_first(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int, mark: str, last: str
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "gaze.csv"
    body = mark.join([*lines, last])
    path.write_bytes(f"time_us,x_px{mark}{body}".encode())
    pieces = list(pieces_of(path, size))
    assert b"".join(pieces) == body.encode()
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])


def test_what_is_parsed_comes_in_the_order_of_the_pieces() -> None:
    def parse(piece: bytes) -> int:
        time.sleep(0.02 / int(piece))  # the first takes longest
        return int(piece)

    assert list(parsed_ahead(parse, (b"%d" % n for n in range(1, 20)))) == list(range(1, 20))


def test_few_pieces_are_read_before_they_are_wanted() -> None:
    taken = []

    def pieces() -> Iterator[bytes]:
        for n in range(1000):
            taken.append(n)
            yield b"%d" % n

    parsed = parsed_ahead(int, pieces())
    assert next(parsed) == 0
    assert len(taken) < 10
    parsed.close()


def test_an_error_comes_in_its_turn() -> None:
    parsed = parsed_ahead(int, [b"1", b"two", b"3"])
    assert next(parsed) == 1
    with pytest.raises(ValueError, match="two"):
        next(parsed)
