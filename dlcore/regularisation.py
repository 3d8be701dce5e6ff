"""What holds the weights and the gradients down, and what steadies them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.spec import LIVE, Declared


class Regularisation(Declared):
    r"""Pull weights towards zero.

    The weights are the matrices and windows of dense, convolutional, recurrent and attention layers; biases,
    embeddings, learned positions and the gains of normalisations are left alone.

    As a *penalty*, $\lambda_1 \sum|w| + \tfrac{\lambda_2}{2} \sum w^2$ joins the loss, and the optimizer
    sees its gradient.  As *decoupled decay* the weights shrink by $\eta\lambda_2$ before each step, whatever
    the optimizer does (Loshchilov and Hutter, 2019), and are soft-thresholded by $\eta\lambda_1$ after it.

    *Averaged* weights $a$ are what is judged, shown and taken along, while training moves the weights
    themselves: with EMA $a \leftarrow \beta a + (1 - \beta) w$ after each step (Polyak and Juditsky, 1992);
    with SWA $a$ is the plain mean of the weights at the ends of epochs (Izmailov et al., 2018).  What batch
    norm knows of its inputs is computed anew for them.
    """

    l1: float = Field(
        0.0,
        ge=0,
        le=1,
        title="L1",
        description="L1 rate: drives single weights to exactly zero",
        json_schema_extra={**LIVE, "log": True},
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=1,
        title="L2",
        description="L2 rate: shrinks all weights; biases, embeddings and normalisations are left alone",
        json_schema_extra={**LIVE, "log": True},
    )
    how: Literal["penalty", "decoupled decay"] = Field(
        "penalty",
        description="Whether the pull goes through the optimizer or past it",
        json_schema_extra=LIVE,
    )
    max_norm: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Clip at",
        description="Clip the gradient to this length; 0 leaves it",
        json_schema_extra={**LIVE, "log": True},
    )
    average: Literal["none", "EMA", "SWA"] = Field(
        "none",
        title="Averaged weights",
        description="Judge, show and take along a moving average, or the mean over epochs",
        json_schema_extra=LIVE,
    )
    memory: float = Field(
        0.99,
        ge=0,
        le=0.9999,
        title="EMA: memory β",
        description="How much of the average a step keeps",
        json_schema_extra={**LIVE, "step": 0.01},
    )
    average_from: int = Field(
        20,
        ge=1,
        le=100_000,
        title="SWA: from epoch",
        description="The first epoch whose end is averaged; until then the weights themselves are shown",
        json_schema_extra={**LIVE, "log": True},
    )
