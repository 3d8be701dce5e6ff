"""Every data set of series, strings and text keeps the promises of its declaration."""

import inspect
import textwrap
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from dlcore.data import NextToken, Series, Split, Strings, Task, datasets, prepare
from dlcore.data.text import Names
from tests.samples import outside, variants

KINDS = [cls for cls in datasets if issubclass(cls, Series | Strings | Names | NextToken)]
every_kind = pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.kind_name())
every_text = pytest.mark.parametrize(
    "cls", [cls for cls in KINDS if not issubclass(cls, Series)], ids=lambda cls: cls.kind_name()
)


def printed(data):
    """The data set's ``sample`` made anew from its printed source."""
    lines = textwrap.dedent(inspect.getsource(type(data).sample)).splitlines()
    names = {"np": np, "Any": Any, "NDArray": NDArray, "Generator": np.random.Generator, "Drawn": tuple}
    exec("\n".join(line for line in lines if line.strip() != "@staticmethod"), names)
    return names["sample"]


def strings(data, x):
    return ["".join(data.vocabulary[token] for token in row) for row in x]


@every_kind
def test_samples_have_the_shapes_that_are_promised(cls):
    for data in variants(cls):
        x, y = data.draw(1)
        assert x.shape == (len(x), *data.sample_shape)
        assert y.shape == (len(x), *data.answer_shape)
        assert x.dtype == (np.int64 if data.vocabulary else np.float32)
        assert y.dtype == (np.float32 if data.task is Task.REGRESSION else np.int64)
        assert np.isfinite(x).all()
        assert data.size - 1 <= len(x) <= data.size
        assert len(data.class_names) == data.n_classes


@every_kind
def test_the_same_seed_draws_the_same_samples(cls):
    (x, y), (again, same) = cls().draw(3), cls().draw(3)
    assert np.array_equal(x, again)
    assert np.array_equal(y, same)


@every_kind
def test_the_printed_source_draws_the_same_samples(cls):
    for data in variants(cls):
        x, y = printed(data)(np.random.default_rng(5), **data.arguments())
        drawn_x, drawn_y = data.draw(5)
        assert np.array_equal(x.astype(drawn_x.dtype), drawn_x)
        assert np.array_equal(y.astype(drawn_y.dtype), drawn_y)


@every_kind
def test_what_lies_out_of_bounds_is_refused_in_words(cls):
    for name, field in cls.settings().items():
        for value in outside(field):
            with pytest.raises(ValidationError) as refusal:
                cls(**{name: value})
            assert all(error["msg"] for error in refusal.value.errors())


@every_text
def test_tokens_are_of_the_vocabulary_and_answers_of_the_classes(cls):
    for data in variants(cls):
        x, y = data.draw(1)
        assert len(set(data.vocabulary)) == len(data.vocabulary)
        assert (x.min(), x.max()) >= (0, 0)
        assert x.max() < len(data.vocabulary)
        asked = y[y != -100]
        assert asked.min() >= 0
        assert asked.max() < data.n_classes
        assert (y != -100).reshape(len(y), -1).any(1).all()


@every_text
def test_no_string_of_the_training_share_is_in_the_test_share(cls):
    for data in variants(cls):
        parts = prepare(data, Split(), 1, 1)
        seen = set(strings(data, parts["train"].x)) | set(strings(data, parts["validation"].x))
        assert not seen & set(strings(data, parts["test"].x))


@every_text
def test_fewer_are_drawn_where_fewer_are_allowed(cls):
    assert len(cls().at_most(400).draw(1)[0]) <= 400
