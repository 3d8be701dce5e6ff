"""Sweeps that are worth a try, and what the ways to search are, with their sources."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dlcore.data import Split
from dlcore.data.points import Moons, Spiral
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.optimizers import SGD, Adam
from dlcore.sweeps import Axis, Sweep
from pages.parts.sweeps_state import SweepDesk

RATE, UNITS = "optimizer.learning_rate", "units"
KEPT = Split(train=50, validation=25)
SPIRAL = Experiment(data=Spiral(n_points=800), split=KEPT, optimizer=Adam(learning_rate=0.003))
NOISY = Experiment(
    data=Moons(n_points=400, noise=0.3), split=KEPT, network=(Dense(units=8),) * 2, optimizer=SGD()
)


@dataclass(frozen=True)
class Try:
    """A sweep with the question it asks."""

    name: str
    question: str
    sweep: Sweep


TRIES = (
    Try(
        "Rate and width",
        "How wide must the network be, and does the best learning rate depend on it?",
        Sweep(
            experiment=SPIRAL,
            axes=(
                Axis(path=RATE, low=0.0003, high=0.1, log=True),
                Axis(path=UNITS, values=(2, 4, 8, 16, 32)),
            ),
        ),
    ),
    Try(
        "Eight starts each",
        "Eight starts of each rate: which differences between rates are larger than those between starts?",
        Sweep(
            experiment=NOISY,
            axes=(Axis(path=RATE, values=(0.01, 0.03, 0.1, 0.3, 1.0)),),
            n_seeds=8,
            epochs=30,
        ),
    ),
    Try(
        "A search that learns",
        "TPE looks where it was good so far, and stops early what is behind.  Where does it look last?",
        Sweep(
            experiment=SPIRAL,
            axes=(
                Axis(path=RATE, low=0.0001, high=1.0, log=True),
                Axis(path="batch_size", low=1, high=200, log=True),
            ),
            how="TPE", n_trials=32, n_seeds=1, epochs=40, prune=True,
        ),
    ),
)  # fmt: skip

WAYS = (
    (
        "Grid",
        "Every value of one setting with every value of the other.  Plain to read, and easy to draw; but "
        "of k "
        "values for each, only k different ones of either are ever seen in k² trainings.",
        "",
        "",
    ),
    (
        "Random",
        "Each setting is drawn by chance.  Mostly one of them matters more than the other, and in n "
        "trainings "
        "random search sees n different values of it where a grid sees √n.",
        r"\log x_i \sim U[\log a, \log b]",
        "Bergstra and Bengio, *Random search for hyper-parameter optimization*, JMLR 13, 2012",
    ),
    (
        "TPE",
        "The trials so far are parted into good ones and the rest, and a density is laid over each.  The "
        "next "
        "setting is where the good ones are likeliest beside the rest.",
        r"x_{n+1} = \arg\max_x \; \ell(x) / g(x), \quad \ell = p(x \mid y \text{ good}), "
        r"\; g = p(x \mid y \text{ not})",
        "Bergstra, Bardenet, Bengio and Kégl, *Algorithms for hyper-parameter optimization*, NeurIPS 2011",
    ),
    (
        "Stopping early",
        "After ⅛, ¼ and ½ of the epochs a training is compared with those before it, and given up where "
        "its best "
        "is behind their median.  Successive halving and Hyperband go further: of many that begin, only "
        "the best "
        "part gets more epochs.  What starts slowly may be given up wrongly, so compare on the same epochs.",
        r"\max_{s \le t} y_s < \operatorname{median}\{y'_t\} \;\Rightarrow\; \text{stop}",
        "Median rule: Golovin et al., *Google Vizier*, KDD 2017.  Jamieson and Talwalkar, *Non-stochastic "
        "best "
        "arm identification*, AISTATS 2016.  Li et al., *Hyperband*, JMLR 18, 2018",
    ),
    (
        "Choosing the winner",
        "The best of many is good partly by luck, and the more are tried the more so.  Choose on samples "
        "kept "
        "for validation, and look at the test once, for the winner alone.  Means that lie within the "
        "spread of "
        "their seeds are not told apart.",
        r"\bar y \pm s, \quad s^2 = \tfrac{1}{n-1} \sum_i (y_i - \bar y)^2",
        "Cawley and Talbot, *On over-fitting in model selection*, JMLR 11, 2010",
    ),
    (
        "Pareto front",
        "A setting is on the front when nothing is better for as little or less.  Which of them to take is a "
        "choice: what is another percent worth?",
        r"\{a : \nexists\, b \;\; c_b \le c_a, \; y_b \ge y_a, \; (c_b, y_b) \ne (c_a, y_a)\}",
        "Pareto, *Manuale di economia politica*, 1906",
    ),
)


def tries(desk: SweepDesk) -> None:
    """Three sweeps, one press away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sweep-tries"):
        st.markdown("**Try**")
        for each in TRIES:
            st.button(
                each.name, key=f"try:{each.name}", help=each.question, on_click=desk.show, args=(each.sweep,)
            )


def explanation() -> None:
    """What the words mean, behind an expander."""
    with st.expander("Grid, random, TPE, stopping early: how they search, and where they are from"):
        columns = st.columns(2)
        for i, (name, words, formula, source) in enumerate(WAYS):
            with columns[i % 2]:
                st.markdown(f"**{name}**  \n{words}")
                if formula:
                    st.latex(formula)
                st.caption(source)
