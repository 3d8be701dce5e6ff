"""The functions of a small network and their slopes, as one writes them on a blackboard.

In a rule ``{a}`` is what an activation makes of the sum ``{z}``; ``{p}`` is the network's answer and ``{y}``
what would be right.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A function by its name, its value and its slope."""

    name: str
    value: str
    slope: str


ACTIVATIONS = {
    "linear": Rule("the identity", "{z}", "1"),
    "sigmoid": Rule("the sigmoid σ", "1 / (1 + exp(−{z}))", "{a} · (1 − {a})"),
    "tanh": Rule("tanh", "tanh({z})", "1 − {a}²"),
    "relu": Rule("ReLU", "max(0, {z})", "1 if {z} > 0 else 0"),
    "leaky_relu": Rule("leaky ReLU", "max(0.01 · {z}, {z})", "1 if {z} > 0 else 0.01"),
    "elu": Rule("ELU", "{z} if {z} > 0 else exp({z}) − 1", "1 if {z} > 0 else exp({z})"),
    "silu": Rule("SiLU", "{z} · σ({z})", "σ({z}) + {z} · σ({z}) · (1 − σ({z}))"),
    "softplus": Rule("softplus", "ln(1 + exp({z}))", "σ({z})"),
    "sine": Rule("the sine", "sin({z})", "cos({z})"),
}
LOSSES = {
    "mean_squared": Rule("squared error", "({p} − {y})²", "2 · ({p} − {y})"),
    "cross_entropy": Rule("cross-entropy", "ln(1 + exp({p})) − {y} · {p}", "σ({p}) − {y}"),
    "hinge": Rule("hinge", "max(0, 1 − {y} · {p})", "−{y} if {y} · {p} < 1 else 0"),
}
