import numpy as np
import pytest

from dlcore.data import OwnText
from dlcore.data.own_text import EXAMPLE, MAX_LINES, TextError, about, read_lines
from dlcore.data.shelf import shelf
from dlcore.data.text import END, PAD, START

LINES = [f"Line {'abcdefghijklmnopqrst'[i]}, of many." for i in range(20)]


def upload(text, **settings):
    read = read_lines(text)
    return OwnText(upload=shelf().put(read.arrays(), about(read.lines), "visitor"), **settings)


def rows(data):
    x, y = data.draw(1)
    asked = [[data.vocabulary[token] for token in row if data.vocabulary[token] != PAD] for row in x]
    answers = [[data.vocabulary[token] for token in row if token >= 0] for row in y]
    return asked, answers


def test_lines_are_read_in_small_letters():
    assert read_lines("\n".join(LINES)).lines == tuple(line.lower() for line in LINES)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_files_end_them(end):
    assert len(read_lines(end.join(LINES).encode()).lines) == 20


def test_long_lines_are_wrapped_between_words():
    read = read_lines("\n".join([*LINES, "word " * 40]))
    assert max(map(len, read.lines)) <= 60
    assert any("wrapped" in note for note in read.notes)


def test_a_line_that_comes_twice_is_used_once():
    read = read_lines("\n".join(LINES + LINES[:3]))
    assert len(read.lines) == 20
    assert "3 lines" in read.notes[0]


def test_of_many_lines_the_first_are_used():
    assert len(read_lines("\n".join(f"line {i}" for i in range(6000))).lines) == MAX_LINES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("one\ntwo", "20 lines"),
        (b"", "20 lines"),
        (b"a\0b\n" * 30, "no text"),
        ("ü".encode("latin-1") * 30, "UTF-8"),
        ("a" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_is_no_text_is_refused_in_words(text, why):
    with pytest.raises(TextError, match=why) as refusal:
        read_lines(text)
    assert str(refusal.value).endswith(".")


def test_marks_in_a_text_do_not_end_it():
    lines = read_lines("\n".join(f"{line} {START} {END} {PAD} \x07" for line in LINES)).lines
    assert not set("".join(lines)) & {START, END, PAD, "\x07"}


def test_letters_are_asked_for_one_after_the_other():
    asked, answers = rows(upload("\n".join(LINES)))
    assert asked == [[START, *line.lower()] for line in LINES]
    assert answers == [[*line.lower(), END] for line in LINES]


def test_words_and_marks_of_punctuation_are_tokens():
    data = upload("\n".join(LINES), tokens="words")
    asked, answers = rows(data)
    assert answers[0] == ["line", "a", ",", "of", "many", ".", END]
    assert asked[0] == [START, *answers[0][:-1]]
    assert data.written(answers[0][:-1]) == "line a, of many."
    assert data.split_up("Many, NOT of") == ["many", ",", "of"]


def test_words_too_rare_for_the_vocabulary_are_not_asked_for():
    lines = [f"common word{i}" for i in range(1200)]
    data = upload("\n".join(lines), tokens="words")
    x, y = data.draw(1)
    assert len(data.vocabulary) == 1004
    unknown = x == data.unasked[0]
    assert unknown.sum() == 201
    assert (y[:, :-1][unknown[:, 1:]] == -100).all()


def test_the_example_is_eighty_sentences():
    data = OwnText(tokens="words")
    asked, _ = rows(data)
    assert [" ".join(row[1:]) for row in asked] == list(EXAMPLE)
    assert data.size == len(set(EXAMPLE)) == 80
    assert np.all(data.draw(1)[0] != data.unasked[0])
