"""Formulas that people type."""

import builtins
import contextlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.formula import LONGEST, FormulaError, read
from dlcore.surfaces import SURFACES


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x^2 + 3*y*0", lambda x, y: x**2 + 3 * y * 0),
        ("-x² − 2·y³", lambda x, y: -(x**2) - 2 * y**3),
        ("sin(2*pi*x)/ (1 + y^2)", lambda x, y: np.sin(2 * np.pi * x) / (1 + y**2)),
        ("EXP(-abs(x)) * log(y^2 + e)", lambda x, y: np.exp(-abs(x)) * np.log(y**2 + np.e)),
        ("sqrt(x₁^2 + tanh(y))", lambda x, y: np.sqrt(x**2 + np.tanh(y))),
        ("2^-1 * x - (y - 1)", lambda x, y: 0.5 * x - (y - 1)),
    ],
)
def test_a_formula_is_worked_out_as_python_would(text, plain):
    x, y = np.linspace(0.1, 2, 7), np.linspace(0.3, 1.7, 7)
    assert np.array_equal(read(text)(np, x, y), plain(x, y))
    assert torch.allclose(
        read(text)(torch, torch.from_numpy(x), torch.from_numpy(y)), torch.from_numpy(plain(x, y))
    )


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("", "no formula", "x^2"),
        ("x + 2y", "Place 6", "2*y"),
        ("x + z", "Place 5", "x, y, pi"),
        ("x^y", "Place 3", "exponent"),
        ("x^11", "Place 3", "exponent"),
        ("x + sin", "Place 5", "sin(x)"),
        ("x + (y", "Place 5", "bracket"),
        ("x + y(2)", "Place 5", "write *"),
        ("x + 1/0", "Place 5", "no number"),
        ("((9^9)^9)^9 * x", "Place 1", "no number"),
        ("exp(1000) * x", "Place 1", "no number"),
        ("sqrt(-1)*x", "Place 1", "no number"),
        ("x; y", "Place 2", "Take it out"),
        ("x[0]", "Place 2", "Take it out"),
        ("x.real", "Place 1", "understood"),
        ("x if y else 1", "Place 1", "understood"),
        ("x or y", "Place 1", "understood"),
        ("3 + 4", "neither x nor y", "Add one"),
        ("1e9*x", "Place 1", "number lies"),
        ("+".join(["x"] * 90), "signs", "shorter"),
        ("-" * 60 + "x", "", "deep"),
        ("(" * 79 + "x" + ")" * 80, "Place", "bracket"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place_and_the_way_out(text, place, advice):
    with pytest.raises(FormulaError) as refusal:
        read(text)
    assert place in str(refusal.value)
    assert advice in str(refusal.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=LONGEST + 5))
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    with contextlib.suppress(FormulaError):
        assert read(text).latex()


@settings(max_examples=60, deadline=None)
@given(st.text("xy0123456789+-*/^(). episncoxt", max_size=40))
def test_what_looks_like_a_formula_gives_numbers_or_is_refused(text):
    try:
        formula = read(text)
    except FormulaError:
        return
    with np.errstate(all="ignore"):
        assert np.shape(formula(np, np.array([0.3, -2.0]), np.array([1.5, 0.0]))) == (2,)


def test_nothing_typed_is_executed(monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("a formula was executed")

    read.cache_clear()
    for text in ("__import__('os')", "().__class__", "x.__class__", "exec(x)", "open(x)", "sin(x) + y"):
        with monkeypatch.context() as patch, contextlib.suppress(FormulaError):
            for name in ("eval", "exec", "open"):
                patch.setattr(builtins, name, never)
            read(text)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x - (y - 1)", r"x-\left(y-1\right)"),
        ("(x + y)*2", r"\left(x+y\right) \cdot 2"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("sqrt(x/y)", r"\sqrt{\frac{x}{y}}"),
        ("cos(2*pi*x)", r"\cos\left(2\pi x\right)"),
    ],
)
def test_a_formula_is_set_with_the_brackets_it_needs(text, latex):
    assert read(text).latex() == latex


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda surface: surface.name)
def test_around_each_minimum_that_a_surface_claims_it_is_nowhere_lower(surface):
    formula = surface.read()
    around = np.linspace(0, 2 * np.pi, 16)
    for x, y in surface.minima:
        ring = formula(np, x + 0.01 * np.cos(around), y + 0.01 * np.sin(around))
        assert (ring > formula(np, np.float64(x), np.float64(y))).all()
        assert surface.x[0] < x < surface.x[1]
        assert surface.y[0] < y < surface.y[1]
    assert surface.x[0] < surface.start[0] < surface.x[1]
