"""What is read off an adversarial game, against counting by hand and against what then happens."""

import numpy as np
import pytest
import torch

from dlcore.adversaries import taken_in
from dlcore.data.points import GaussianGrid, GaussianRing
from dlcore.probes import probes
from dlcore.probes.rivals import BEADS, LINES, belief, counted, covered, lattice, pushes
from dlcore.training.diary import ROWS, Diary
from dlcore.training.session import Session
from tests.probes.cases import FORGED, FORGED_DIGITS


@pytest.fixture
def session():
    made = Session(FORGED)
    made.advance(5)
    return made


def test_a_fake_counts_for_the_cloud_that_it_lies_in_and_a_stray_for_none():
    ring = GaussianRing()  # clouds of 0.15 on a circle of 4
    fakes = np.array([[4.0, 0.0], [4.3, 0.0], [0.0, -4.1], [4.6, 0.0], [0.0, 0.0]])
    assert counted(fakes, ring).tolist() == [2, 0, 0, 0, 0, 0, 1, 0]


def test_a_cloud_is_covered_from_a_quarter_of_its_due_on():
    counts = np.array([125, 32, 31, 0, 0, 0, 0, 0])
    assert covered(counts, 1000).tolist() == [True, True] + [False] * 6


@pytest.mark.parametrize("data", [GaussianRing(n_points=1000), GaussianGrid(n_points=1000)], ids=repr)
def test_the_real_samples_cover_every_cloud(data):
    x, _ = data.draw(1)
    assert covered(counted(x, data), len(x)).all()
    assert counted(x, data).sum() > 0.97 * len(x)


def test_a_fake_is_pushed_down_its_loss_as_finite_differences_have_it(session):
    critic = session.criterion.double()
    fakes = torch.tensor([[1.0, 2.0], [-3.0, 0.5]], dtype=torch.float64)
    found = pushes(critic, fakes).numpy()
    critic.eval()
    step = 1e-6
    for i in range(2):
        for k in range(2):
            moved = [fakes[i : i + 1].clone(), fakes[i : i + 1].clone()]
            moved[0][0, k] += step
            moved[1][0, k] -= step
            up, down = (taken_in(critic.game, critic.discriminator(each)).item() for each in moved)
            assert found[i, k] == pytest.approx(-(up - down) / (2 * step), rel=1e-4, abs=1e-9)


def test_the_scores_shown_are_chances_where_they_are_logits():
    score = torch.tensor([[-1.0], [0.0], [2.0]])
    chance = torch.sigmoid(score)
    torch.testing.assert_close(belief("non-saturating", score, score, score), 2 * chance - 1)
    assert belief("least squares", torch.tensor([[0.0], [0.5], [3.0]]), score, score).tolist() == [
        [-1],
        [0],
        [1],
    ]


def test_the_latent_grid_has_straight_lines_both_ways():
    lines = lattice(3, False).numpy().reshape(2, LINES, BEADS, 3)
    assert np.ptp(lines[0, :, :, 1], axis=1).max() == np.ptp(lines[1, :, :, 0], axis=1).max() == 0
    assert abs(lines).max() == 2
    assert not lines[..., 2].any()


def test_the_step_that_is_opened_is_the_one_that_is_made(session):
    """On a copy: the scores and the fakes that it foretells are those after the real step."""
    told = probes["duel"]().read(session)
    seen = []
    session.network.module.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].clone()))
    session.advance(1)
    with torch.no_grad():
        np.testing.assert_array_equal(session.network.module(seen[-1]).numpy(), told["moved"])
    after = probes["duel"]().read(session)
    # the generator's step leaves the discriminator alone but for what it saw last, its minibatch statistic
    assert after["before"] == pytest.approx(told["after"], abs=1e-6)
    assert told["real"].shape == told["seen"].shape == told["fake"].shape == (10, 2)
    assert {tuple(each) for each in told["real"]} <= {
        tuple(each.tolist()) for each in session.tensors["train"].y
    }


def test_where_the_generator_rests_nothing_moves_and_the_step_is_shown_all_the_same():
    game = FORGED.objective.model_copy(update={"moves": "discriminator"})
    told = probes["duel"]().read(Session(FORGED.model_copy(update={"objective": game})))
    np.testing.assert_array_equal(told["fake"], told["moved"])
    assert told["push"].any()
    assert (told["before"] != told["after"]).any()


def test_digits_have_fakes_and_no_plane():
    record = probes["rivals"]().read(Session(FORGED_DIGITS))
    assert set(record) == {"fake", "distance"}
    assert record["fake"].shape[1] == 64
    assert not probes["duel"]().applies(FORGED_DIGITS)


def test_a_diary_keeps_means_of_ever_more_rounds():
    diary = Diary()
    losses = np.random.default_rng(1).normal(size=(3 * ROWS, 2))
    for d, g in losses:
        diary.add(d, g)
    record = diary.arrays()
    means = losses.reshape(-1, 4, 2).mean(1)
    assert record["round"].tolist() == list(range(4, 3 * ROWS + 1, 4))
    np.testing.assert_allclose(record["discriminator"], means[:, 0], atol=1e-6)
    np.testing.assert_allclose(record["generator"], means[:, 1], atol=1e-6)


def test_what_both_have_lost_is_part_of_a_checkpoint(session):
    told = probes["rivalry"]().read(session)
    resumed = Session.restored(session.checkpoint())
    assert len(told["round"]) == 5
    for name, column in probes["rivalry"]().read(resumed).items():
        np.testing.assert_array_equal(column, told[name])
    assert told["generator"][-1] == pytest.approx(session.batch_loss, abs=1e-6)
