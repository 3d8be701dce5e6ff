"""Declared values made from their own declarations: at their bounds, between them, and past them."""

import typing
from typing import Any, Literal

from annotated_types import Ge, Le
from hypothesis import strategies as st

from dlcore.activations import Activation, Linear, activations
from dlcore.data import Own, Split, datasets, features
from dlcore.data.augment import Augmentation
from dlcore.data.own import MAX_CLASSES, pack
from dlcore.experiment import Experiment, Seeds, Stop
from dlcore.initializers import initializers
from dlcore.interventions import Held, Silenced
from dlcore.layers import FLAT, IMAGE, SEQUENCE, TOKENS, Dense, Nest, Parallel, Residual, Tokens, form, layers
from dlcore.losses import losses
from dlcore.optimizers import optimizers
from dlcore.regularisation import Regularisation
from dlcore.schedules import schedules

REGISTRIES = {
    "datasets": datasets,
    "features": features,
    "layers": layers,
    "activations": activations,
    "losses": losses,
    "optimizers": optimizers,
    "schedules": schedules,
    "initializers": initializers,
}
CLASSES = [
    (f"{family}-{cls.kind_name()}", registry, cls)
    for family, registry in REGISTRIES.items()
    for cls in registry
]
SHAPES = {
    TOKENS: (Tokens(6, 9), Tokens(1, 2)),
    FLAT: ((1,), (7,), (12,)),
    SEQUENCE: ((1, 4), (6, 8), (5, 3), (8, 1)),
    IMAGE: ((1, 1, 1), (1, 8, 8), (4, 12, 10), (3, 5, 7)),
}
"""Shapes of every form, among them the smallest, odd ones, and ones that are easily divided."""


def bounds(field):
    """The least and the largest value that a number field declares."""
    low = next((mark.ge for mark in field.metadata if isinstance(mark, Ge)), None)
    high = next((mark.le for mark in field.metadata if isinstance(mark, Le)), None)
    return low, high


def inside(field) -> list[Any]:
    """Values that a field must accept; none where it holds declared values of its own."""
    kind = field.annotation
    if typing.get_origin(kind) is Literal:
        return list(typing.get_args(kind))
    if kind is bool:
        return [False, True]
    if kind in (int, float):
        low, high = bounds(field)
        middle = kind((low + high) / 2)
        return [kind(low), middle, kind(high)]
    if typing.get_origin(kind) is tuple and typing.get_origin(typing.get_args(kind)[0]) is typing.Annotated:
        return [(), (0,), (0, 2)] if typing.get_args(typing.get_args(kind)[0])[0] is int else []
    return []


def outside(field) -> list[Any]:
    """Values that a field must refuse."""
    kind = field.annotation
    if typing.get_origin(kind) is Literal:
        return ["no such choice", 7]
    if kind is bool:
        return ["neither"]
    if kind in (int, float):
        low, high = bounds(field)
        wrong = [low - 1, high + 1, "a word", None, float("nan"), float("inf")]
        return wrong if kind is float else [*wrong, high - 0.5]
    return [None, 3, "no such kind", {"kind": "no such kind"}]


def variants(cls) -> list[Any]:
    """The default, one value for each setting at each bound and inside, and stacks in stacks."""
    made = [cls()]
    for name, field in cls.settings().items():
        # a layer that is off is built as another one: what is switched off has tests of its own
        made += [cls(**{name: value}) for value in inside(field) if name != "off"]
        if field.annotation is Activation:
            some = activations if cls is Dense else [Linear]
            made += [cls(**{name: activation()}) for activation in some]
    if cls is Residual:
        made += [cls(inside=()), cls(inside=(Residual(inside=(Residual(),)),))]
    if cls is Parallel:
        made += [cls(paths=((), (Dense(),))), cls(paths=((Parallel(),), (Residual(), Dense())))]
    return made


def fitting(cls, shape) -> list[Any]:
    """What a layer may be on samples of ``shape``: as it is made for them, with each setting moved."""
    if form(shape) not in cls.takes:
        return []
    begun = cls.made_for(shape)
    given = {name: getattr(begun, name) for name in cls.settings()}
    made = [begun, *variants(cls)]
    for name, field in cls.settings().items():
        made += [cls(**{**given, name: value}) for value in inside(field) if name != "off"]
    return [value for value in dict.fromkeys(made) if not value.needs(shape)]


def _number(field, kind):
    low, high = bounds(field)
    if kind is int:
        return st.integers(low, high)
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


def setting(field):
    """Any value that a field accepts, as a strategy; its default where the declaration alone does not say."""
    kind = field.annotation
    if kind is Activation:
        return any_of(activations)
    if typing.get_origin(kind) is Literal:
        return st.sampled_from(typing.get_args(kind))
    if kind is bool:
        return st.booleans()
    return _number(field, kind) if kind in (int, float) else st.just(field.get_default())


def declared(cls, **given):
    """Any value of a declaration, as a strategy."""
    fields = {
        name: given[name] if name in given else setting(field) for name, field in cls.settings().items()
    }
    # what a declaration alone does not tell, such as the name of an upload, stays at its default
    return st.builds(cls, **{name: values for name, values in fields.items() if values is not None})


def any_of(registry):
    """Any value of any class of a registry, as a strategy."""
    return st.one_of([own_points() if cls is Own else declared(cls) for cls in registry])


def own_points(max_size: int = 40):
    """Any points of one's own, as a strategy."""
    place = st.floats(-6, 6, allow_nan=False)
    classes = st.lists(st.tuples(place, place, st.integers(0, MAX_CLASSES - 1)), max_size=max_size)
    values = st.lists(st.tuples(place, place, st.floats(-1, 1, allow_nan=False)), max_size=max_size)
    return st.one_of(
        *(
            points.map(
                lambda p, t=target: Own(points=pack([q[:2] for q in p], [q[2] for q in p], t), target=t)
            )
            for target, points in (("classes", classes), ("values", values))
        )
    )


def any_layer(depth: int = 2):
    """Any layer, as a strategy; nests hold others down to ``depth``."""
    plain = [declared(cls) for cls in layers if not issubclass(cls, Nest)]
    if depth == 0:
        return st.one_of(plain)
    stack = st.lists(any_layer(depth - 1), max_size=2).map(tuple)
    paths = st.lists(stack, min_size=2, max_size=3).map(tuple)
    return st.one_of(*plain, declared(Residual, inside=stack), declared(Parallel, paths=paths))


def experiments(max_layers: int = 8):
    """Any experiment that the declarations allow, whether or not it can run."""
    return st.builds(
        Experiment,
        data=any_of(datasets),
        split=declared(Split),
        inputs=st.lists(any_of(features), min_size=1, max_size=len(features)).map(tuple),
        network=st.lists(any_layer(), max_size=max_layers).map(tuple),
        loss=any_of(losses),
        optimizer=any_of(optimizers),
        schedule=any_of(schedules),
        augmentation=st.one_of(st.just(Augmentation()), declared(Augmentation)),
        regularisation=declared(Regularisation),
        init=any_of(initializers),
        held=st.lists(declared(Held), max_size=3).map(tuple),
        silenced=st.lists(declared(Silenced), max_size=3).map(tuple),
        batch_size=st.integers(1, 500),
        stop=declared(Stop),
        seeds=declared(Seeds),
    )
