"""The step of each objective against one computed by hand."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from dlcore.activations import Linear
from dlcore.data import Iris
from dlcore.data.text import SurnameLetters
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Embedding, GaussianCode
from dlcore.losses import MeanSquared
from dlcore.objectives import NextToken, Reconstruction, Variational
from dlcore.optimizers import SGD
from dlcore.training.loop import epoch_order
from dlcore.training.session import Session
from tests.objectives.cases import CASES, TWO, given_back

RATE = 0.1


def batch_of(session):
    order = epoch_order(session.experiment.seeds.batches, 0, len(session.tensors["train"].x))
    return session.tensors["train"].x[order[: session.experiment.batch_size]]


def arrays(session):
    return [each.detach().numpy().astype(np.float64) for each in session.network.module.parameters()]


def test_a_step_of_reconstruction_is_that_of_a_linear_autoencoder_by_hand():
    e = Experiment(
        data=Iris(),
        network=(TWO,),
        objective=Reconstruction(),
        loss=MeanSquared(),
        optimizer=SGD(learning_rate=RATE),
    )
    session = Session(e)
    x = batch_of(session).numpy().astype(np.float64)
    w, b, v, c = arrays(session)
    session.advance(1)

    z = x @ w.T + b
    error = z @ v.T + c - x
    out = 2 * error / error.size
    back = out @ v
    expected = [w - RATE * back.T @ x, b - RATE * back.sum(0), v - RATE * out.T @ z, c - RATE * out.sum(0)]
    assert session.batch_loss == pytest.approx(np.square(error).mean(), rel=1e-5)
    for now, by_hand in zip(arrays(session), expected, strict=True):
        np.testing.assert_allclose(now, by_hand, rtol=1e-4, atol=1e-6)


def test_a_denoising_step_is_given_the_damaged_sample_and_asked_for_the_whole_one():
    objective = Reconstruction(noise=0.4, mask=0.3)
    e = given_back(objective, TWO, optimizer=SGD(learning_rate=RATE))
    session, plain = Session(e), Session(e)
    x = batch_of(session)
    session.advance(1)

    torch.manual_seed(e.seeds.batches)
    damaged = (x + 0.4 * torch.randn(x.shape)) * (torch.rand(x.shape) >= 0.3)
    loss = (plain.network.module(damaged) - x.flatten(1)).square().mean()
    loss.backward()
    assert session.batch_loss == loss.item()
    for now, before in zip(
        session.network.module.parameters(), plain.network.module.parameters(), strict=True
    ):
        torch.testing.assert_close(now, before - RATE * before.grad)


def test_a_denoising_network_is_judged_by_whole_samples():
    session = Session(CASES["reconstruction"][1])
    x = session.tensors["test"].x
    session.network.module.eval()
    with torch.no_grad():
        expected = session.criterion(session.network.module(x), x.flatten(1)).item()
    assert session.evaluate().test_loss == pytest.approx(expected, rel=1e-6)


def test_a_variational_step_is_the_error_of_a_draw_and_the_divergence_that_torch_computes():
    e = Experiment(
        data=Iris(),
        network=(GaussianCode(), Dense(units=5, activation=Linear())),
        objective=Variational(beta=0.7),
        loss=MeanSquared(),
        optimizer=SGD(learning_rate=RATE),
    )
    session, plain = Session(e), Session(e)
    x = batch_of(session)
    session.advance(1)

    code, *decoder = plain.network.module
    torch.manual_seed(e.seeds.batches)
    mean, log_variance = code.both(x).chunk(2, 1)
    posterior = Normal(mean, (log_variance / 2).exp())
    z = mean + posterior.stddev * torch.randn(mean.shape)
    divergence = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1).mean()
    loss = (torch.nn.Sequential(*decoder)(z) - x).square().mean() + 0.7 * divergence / x.shape[1]
    loss.backward()
    assert session.batch_loss == pytest.approx(loss.item(), rel=1e-6)
    for now, before in zip(
        session.network.module.parameters(), plain.network.module.parameters(), strict=True
    ):
        torch.testing.assert_close(now, before - RATE * before.grad)


def test_a_variational_network_is_judged_at_the_mean_of_each_code():
    session = Session(CASES["variational"][0])
    x = session.tensors["test"].x
    session.network.module.eval()
    with torch.no_grad():
        error = (session.network.module(x) - x.flatten(1)).square().mean()
        code = next(each for each in session.network.module if hasattr(each, "both"))
    expected = error + 0.1 * code.divergence / 64
    assert session.evaluate().test_loss == pytest.approx(expected.item(), rel=1e-5)


def test_the_score_of_a_reconstruction_is_the_variance_that_scikit_learn_says_is_explained():
    from sklearn.metrics import r2_score

    session = Session(Experiment(data=Iris(), network=(TWO,), objective=Reconstruction(), loss=MeanSquared()))
    session.advance(60)
    x = session.tensors["test"].x
    session.network.module.eval()
    with torch.no_grad():
        answers = session.network.module(x).numpy()
    expected = r2_score(x.flatten(1).numpy(), answers, multioutput="variance_weighted")
    assert session.evaluate().test_score == pytest.approx(expected, abs=1e-4)


def test_a_step_of_the_next_token_is_that_of_a_bigram_model_by_hand():
    e = Experiment(
        data=SurnameLetters(n_each=20),
        network=(Embedding(size=4),),
        objective=NextToken(),
        optimizer=SGD(learning_rate=RATE),
        batch_size=6,
    )
    session = Session(e)
    rows = batch_of(session).numpy()
    table, w, b = arrays(session)
    session.advance(1)

    pairs = []
    for row in rows.tolist():
        said = [token for token in row if token]  # without what fills the row up
        pairs += list(zip(said, [*said[1:], 2], strict=True))  # after the last one it is over
    before, after = np.array(pairs).T
    z = table[before] @ w.T + b
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    out = (p - np.eye(len(b))[after]) / len(pairs)
    into = np.zeros_like(table)
    np.add.at(into, before, out @ w)
    expected = [table - RATE * into, w - RATE * out.T @ table[before], b - RATE * out.sum(0)]
    assert session.batch_loss == pytest.approx(-np.log(p[np.arange(len(p)), after]).mean(), rel=1e-5)
    for now, by_hand in zip(arrays(session), expected, strict=True):
        np.testing.assert_allclose(now, by_hand, rtol=1e-4, atol=1e-6)


def test_the_next_token_is_what_the_data_say_is_asked_for():
    e = Experiment(data=SurnameLetters(n_each=20), network=(Embedding(size=4),))
    told, foretold = Session(e), Session(e.model_copy(update={"objective": NextToken()}))
    for session in (told, foretold):
        session.advance(20)
    for a, b in zip(arrays(told), arrays(foretold), strict=True):
        np.testing.assert_array_equal(a, b)
