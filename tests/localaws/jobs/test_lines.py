"""Cutting bytes into lines."""

from localaws.jobs.lines import Lines


def test_lines_across_chunks() -> None:
    lines = Lines()
    assert lines.feed(b"one\r\ntw") == ["one"]
    assert lines.feed(b"o\n\nthr") == ["two", ""]
    assert lines.rest() == ["thr"]
    assert lines.rest() == []


def test_a_character_across_chunks_is_whole() -> None:
    lines = Lines()
    first, second = "é\n".encode()[:1], "é\n".encode()[1:]
    assert lines.feed(first) + lines.feed(second) == ["é"]


def test_bytes_that_are_not_text_are_replaced() -> None:
    assert Lines().feed(b"\xff\xfe\n") == ["��"]


def test_a_line_without_end_does_not_grow_for_ever() -> None:
    lines = Lines(cap=10)
    assert lines.feed(b"x" * 25) == ["x" * 10, "x" * 10]
    assert lines.feed(b"\n") == ["x" * 5]


def test_bytes_without_character_borders_are_split_too() -> None:
    assert len(Lines(cap=10).feed(b"\x80" * 25 + b"\n")) >= 3
