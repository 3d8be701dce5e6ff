import base64
import json
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlcore.activations import activations
from dlcore.data import Split, datasets, features
from dlcore.experiment import Experiment, Seeds, Stop, value_at
from dlcore.initializers import Orthogonal
from dlcore.interventions import Held, Silenced
from dlcore.layers import Dense, Dropout
from dlcore.limits import Limits
from dlcore.link import decode, dumps, encode, loads, nearest
from dlcore.losses import Huber
from dlcore.optimizers import RMSprop
from dlcore.regularisation import Regularisation
from dlcore.schedules import OneCycle
from dlcore.spec.share import MAX_TOKEN, pack
from tests.samples import experiments

BOUNDS = Limits()
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WRONG = [None, True, -1, 0, 1e308, 10**40, 12.5, "", "spiral", "\ud800", [], {}, [[]], {"kind": 3}, [0] * 70]

FULL = Experiment(
    data=datasets["spiral"](n_points=1230, noise=0.35, turns=2.25),
    split=Split(train=65, validation=15),
    inputs=tuple(cls() for cls in features),
    network=tuple(
        layer
        for i, cls in enumerate(list(activations)[:8])
        for layer in (Dense(units=11 + 7 * i, activation=cls()), Dropout(p=0.05 + 0.05 * i))
    ),
    loss=Huber(delta=0.35),
    optimizer=RMSprop(learning_rate=0.00271, smoothing=0.937, momentum=0.85),
    schedule=OneCycle(epochs=2345, rising=0.15),
    regularisation=Regularisation(l1=0.00013, l2=0.0027, how="decoupled decay", max_norm=1.7),
    init=Orthogonal(gain=1.3),
    held=tuple(Held(layer=2 * i, unit=3 * i, source=i, value=0.137 * i) for i in range(8)),
    silenced=tuple(Silenced(layer=2 * i, unit=5) for i in range(8)),
    batch_size=37,
    stop=Stop(epochs=4321),
    seeds=Seeds(data=123456, split=234567, init=345678, batches=456789),
)


def token_of(text):
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    squeezed = squeezer.compress(text.encode("utf-8", "surrogatepass")) + squeezer.flush()
    return "1" + base64.urlsafe_b64encode(squeezed).rstrip(b"=").decode()


def can_run(token):
    opened = decode(token, BOUNDS)
    assert isinstance(opened.experiment, Experiment)
    assert opened.experiment.problems(BOUNDS) == []
    assert opened.sentence().encode() or not opened.set_aside
    return opened


def mutated(token, rng):
    at, n = rng.randrange(len(token)), rng.randrange(1, 12)
    noise = "".join(rng.choices(ALPHABET, k=n))
    return rng.choice(
        [
            token[:at],
            token[:at] + noise + token[at:],
            token[:at] + noise + token[at + n :],
            token[:at] + chr(ord(token[at]) ^ (1 << rng.randrange(7))) + token[at + 1 :],
            token[:at] + token[at + n :],
            token[at:] + token[:at],
            token + rng.choice(["=", " ", "\n", "é", "\0", "=" * 9]),
        ]
    )


def places(value, path=()):
    """The path of everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield (*path, step)
        yield from places(item, (*path, step))


def replaced(value, path, new):
    copy = json.loads(json.dumps(value))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = new
    return copy


@settings(max_examples=150, deadline=None)
@given(experiments())
def test_an_experiment_that_can_run_comes_back_from_its_link_as_it_was(experiment):
    if experiment.problems(BOUNDS):
        experiment = nearest(experiment.compact(), BOUNDS).experiment
    opened = decode(encode(experiment), BOUNDS)
    assert opened.experiment == experiment
    assert opened.set_aside == ()


@settings(max_examples=150, deadline=None)
@given(experiments())
def test_an_experiment_comes_back_from_its_file_as_it_was(experiment):
    assert loads(dumps(experiment)) == experiment


@settings(max_examples=150, deadline=None)
@given(experiments(max_layers=20))
def test_any_experiment_is_bent_to_one_that_can_run(experiment):
    opened = can_run(encode(experiment))
    assert bool(opened.set_aside) == bool(experiment.problems(BOUNDS))


def test_the_default_experiment_has_a_link_of_a_few_characters():
    assert len(encode(Experiment())) < 10


def test_a_full_playground_fits_into_two_thousand_characters():
    shown = FULL.model_dump(exclude={"inputs", "network", "augmentation", "objective"})  # points have none
    assert all(shown[name] != value for name, value in Experiment().model_dump().items() if name in shown)
    assert len(encode(FULL)) <= 2_000
    assert decode(encode(FULL)).experiment == FULL


def test_a_link_needs_no_escaping():
    assert set(encode(FULL)) <= set(ALPHABET)


@pytest.mark.parametrize("seed", range(4))
def test_no_damaged_token_is_fatal(seed):
    rng = random.Random(seed)
    tokens = [encode(FULL), encode(Experiment()), encode(Experiment(batch_size=20))]
    for _ in range(400):
        can_run(mutated(rng.choice(tokens), rng))


@pytest.mark.parametrize("seed", range(2))
def test_no_wrong_value_anywhere_is_fatal(seed):
    rng = random.Random(seed)
    for base in (FULL.compact(), FULL.model_dump(mode="json")):
        for path in places(base):
            can_run(token_of(json.dumps(replaced(base, path, rng.choice(WRONG)))))


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["kind", "units", *Experiment.settings()]), inner, max_size=5)
        ),
    )
)
def test_no_json_is_fatal(value):
    can_run(pack(value))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "2" + encode(FULL)[1:],
        "A" * 100_000,
        "1" + "A" * (MAX_TOKEN - 1),
        "1" + "é" * 20,
        token_of('{"batch_size":' + "9" * 5_000 + "}"),
        token_of("[" * 30_000),
        token_of('"' + "a" * 10_000_000 + '"')[:MAX_TOKEN],
        token_of('{"a":' + "9" * 60_000_000)[:MAX_TOKEN],
        token_of(""),
        token_of("{"),
        token_of("\ud800"),
    ],
    ids=range(13),
)
def test_what_is_no_token_of_ours_opens_the_default_and_says_so(token):
    opened = can_run(token)
    assert opened.experiment == Experiment()
    assert opened.sentence()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_is_none_is_set_aside(number):
    text = '{"optimizer":{"kind":"sgd","learning_rate":@},"batch_size":@}'
    opened = can_run(token_of(text.replace("@", number)))
    assert opened.experiment.optimizer.kind_name() == "sgd"
    assert len(opened.set_aside) == 2


@pytest.mark.parametrize(
    "around",
    ['{"a":@}', '{"network":@}', '{"data":{"kind":@}}', '{"network":[{"kind":"dense","activation":@}]}'],
)
def test_deep_nesting_is_survived_at_every_depth(around):
    for depth in [*range(1, 1100, 7), *range(850, 1000)]:
        can_run(token_of(around.replace("@", "[" * depth + "]" * depth)))
        can_run(token_of(around.replace("@", '{"kind":' * depth + "1" + "}" * depth)))


def test_thousands_of_unknown_settings_are_survived():
    assert can_run(pack({f"{i:x}": 1 for i in range(7000)})).set_aside


@pytest.mark.parametrize(
    ("raw", "path", "value"),
    [
        ({"batch_size": 10**6}, "batch_size", 500),
        ({"batch_size": -3}, "batch_size", 1),
        ({"optimizer": {"kind": "adam", "learning_rate": 1e9}}, "optimizer.learning_rate", 10),
        ({"data": {"kind": "spiral", "noise": -1}}, "data.noise", 0),
        ({"network": [{"kind": "dense", "units": 9999}]}, "network.0.units", 256),
        ({"network": ["dense", {"kind": "dropout", "p": 1}]}, "network.1.p", 0.9),
        ({"seeds": {"init": -1}}, "seeds.init", 0),
    ],
)
def test_a_number_out_of_bounds_moves_to_its_bound(raw, path, value):
    opened = nearest(raw, BOUNDS)
    assert value_at(opened.experiment, path) == value
    assert len(opened.set_aside) == 1
    assert str(value) in opened.set_aside[0]


@pytest.mark.parametrize(
    "raw",
    [
        {"data": "spirale"},
        {"networks": 1},
        {"network": ["dense", "dense", {"kind": "convolution"}]},
        {"inputs": ["x1", 7, "x2"]},
        {"loss": {"kind": "huber", "delta": "wide"}},
        {"inputs": []},
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_rest_is_kept(raw):
    opened = nearest({**raw, "batch_size": 77}, BOUNDS)
    assert opened.experiment.batch_size == 77
    assert opened.experiment.problems(BOUNDS) == []
    assert len(opened.set_aside) == 1


def test_only_the_layer_that_cannot_be_read_is_taken_out():
    opened = nearest({"network": ["dense", {"kind": "convolution"}, {"kind": "dense", "units": 9}]}, BOUNDS)
    assert opened.experiment.network == (Dense(), Dense(units=9))


@pytest.mark.parametrize(("name", "item"), [("network", "dense"), ("inputs", "x1")])
def test_a_list_that_is_too_long_costs_nothing_else(name, item):
    opened = nearest({name: [item] * 70, "batch_size": 77}, BOUNDS)
    assert opened.experiment.batch_size == 77
    assert opened.set_aside


def test_nothing_is_set_aside_from_what_can_run():
    assert nearest(FULL.compact(), BOUNDS).sentence() == ""


def test_a_long_list_of_faults_is_told_in_one_short_sentence():
    sentence = nearest({f"unknown_{i}": 1 for i in range(9)}, BOUNDS).sentence()
    assert sentence.endswith("and 6 more.")


def test_nearest_leaves_what_it_was_given_as_it_was():
    raw = {"batch_size": -3, "data": "spirale"}
    nearest(raw, BOUNDS)
    assert raw == {"batch_size": -3, "data": "spirale"}


def test_a_link_is_bent_to_the_limits_of_this_server():
    small = Limits(max_layers=2, max_units=8, max_points=100)
    opened = decode(encode(FULL), small)
    assert opened.experiment.problems(small) == []
    assert opened.experiment.data.n_points == 100


def test_a_file_of_another_version_is_refused():
    text = json.dumps({**json.loads(dumps(FULL)), "glassbox": 2})
    with pytest.raises(ValueError, match="another version"):
        loads(text)


@pytest.mark.parametrize("text", ["[]", "3", '{"batch_size": 0}', '{"nonsense": 1}', "null"])
def test_a_file_that_holds_no_experiment_is_refused(text):
    with pytest.raises(ValidationError):
        loads(text)


def test_a_file_that_is_no_json_is_refused():
    with pytest.raises(ValueError, match="Expecting"):
        loads("{")


def test_a_file_without_a_version_is_read():
    assert loads('{"batch_size": 20}') == Experiment(batch_size=20)
