"""Descents of surfaces against torch.optim on the plain formula."""

import math

import numpy as np
import pytest
import torch

from dlcore.optimizers import SGD, optimizers
from dlcore.record import Record
from dlcore.surfaces import SURFACES
from dlcore.training.race import race
from dlcore.updates import Lion, Muon

PLAIN = {
    "Bowl": lambda x, y: x**2 + y**2,
    "Ravine": lambda x, y: 0.02 * x**2 + y**2,
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "Saddle": lambda x, y: x**2 - y**2 + 0.1 * y**4,
    "Himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "Beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "Rastrigin": lambda x, y: (
        20 + x**2 - 10 * torch.cos(2 * math.pi * x) + y**2 - 10 * torch.cos(2 * math.pi * y)
    ),
    "Own formula": lambda x, y: x**2 / 4 + y**2 + torch.sin(3 * x) * torch.cos(3 * y),
}
TORCH = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.001),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.001, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.001, weight_decay=0.01, fused=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.001),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.001),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=0.001, rho=0.9),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.001),
    "radam": lambda p: torch.optim.RAdam(p, lr=0.001),
    "lion": lambda p: Lion(p, lr=0.001, betas=(0.9, 0.99), weight_decay=0.01),
    "muon": lambda p: Muon(p, lr=0.001, momentum=0.95, betas=(0.9, 0.999), weight_decay=0.01),
    "lbfgs": lambda p: torch.optim.LBFGS(
        p, lr=0.001, max_iter=4, max_eval=5, history_size=10, line_search_fn="strong_wolfe"
    ),
}
RULES = {
    **{kind: optimizers[kind](learning_rate=0.001) for kind in optimizers.kinds()},
    "momentum": SGD(learning_rate=0.001, momentum=0.9),
    "nesterov": SGD(learning_rate=0.001, momentum=0.9, nesterov=True),
}
N_STEPS = 40


def begun(surface):
    return Record({}, {"place": np.array(surface.start)})


def by_torch(plain, start, made):
    """The textbook loop on the plain formula: every place, float64."""
    place = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = made([place])
    places = [place.detach().clone()]
    for _ in range(N_STEPS):

        def height():
            optimizer.zero_grad()
            value = plain(place[0], place[1])
            value.backward()
            return value

        optimizer.step(height) if isinstance(optimizer, torch.optim.LBFGS) else (height(), optimizer.step())
        places.append(place.detach().clone())
    return torch.stack(places).numpy()


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("rule", RULES)
def test_the_path_of_each_optimizer_on_each_surface_is_torch_optims_to_the_last_bit(rule, name):
    surface = SURFACES[name]
    made = race(surface.read(), RULES[rule], begun(surface), N_STEPS)
    assert made.facts["step"] == N_STEPS
    assert np.array_equal(made.arrays["place"], by_torch(PLAIN[name], surface.start, TORCH[rule]))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("noise_std", [0.0, 0.5])
def test_a_descent_in_pieces_is_the_one_in_one_go(rule, noise_std):
    surface = SURFACES["Beale"]
    whole = race(surface.read(), RULES[rule], begun(surface), 9, noise_std, seed=3)
    first = race(surface.read(), RULES[rule], begun(surface), 4, noise_std, seed=3)
    arrived = Record.from_bytes(first.to_bytes())
    rest = race(surface.read(), RULES[rule], arrived, 5, noise_std, seed=3)
    assert rest.facts["step"] == 9
    assert np.array_equal(
        np.concatenate([first.arrays["place"], rest.arrays["place"][1:]]), whole.arrays["place"]
    )


def test_heights_and_gradients_belong_to_the_places_that_are_told():
    surface = SURFACES["Ravine"]
    told = race(surface.read(), SGD(learning_rate=0.1), begun(surface), 20).arrays
    x, y = told["place"].T
    assert np.allclose(told["loss"], 0.02 * x**2 + y**2, rtol=1e-12)
    assert np.allclose(told["gradient"], np.stack([0.04 * x, 2 * y], 1)[:-1], rtol=1e-12)


def test_all_rules_meet_the_same_noise_and_another_seed_meets_another():
    surface = SURFACES["Bowl"]

    def noise(rule, seed):
        told = race(surface.read(), RULES[rule], begun(surface), 5, 0.7, seed).arrays
        return told["gradient"] - 2 * told["place"][:-1]

    assert np.allclose(noise("sgd", 1), noise("adam", 1), atol=1e-12)
    assert not np.allclose(noise("sgd", 1), noise("sgd", 2))
    many = race(surface.read(), RULES["sgd"], begun(surface), 900, 0.7, 5).arrays
    off = many["gradient"] - 2 * many["place"][:-1]
    assert abs(off.std() - 0.7) < 0.05


def test_a_descent_that_leaves_for_good_is_given_up():
    surface = SURFACES["Rosenbrock"]
    told = race(surface.read(), SGD(learning_rate=1.0), begun(surface), 100)
    assert told.facts["gone"]
    assert told.facts["step"] < 10
    assert len(told.arrays["gradient"]) == told.facts["step"]


def test_a_budget_ends_a_piece_early():
    surface = SURFACES["Bowl"]
    assert race(surface.read(), SGD(), begun(surface), 1000, budget_s=0.0).facts["step"] == 1
