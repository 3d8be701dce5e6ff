import numpy as np
import pytest
import torch

from dlcore.data import Split, datasets
from dlcore.experiment import Experiment
from dlcore.layers import Dense, layers
from dlcore.probes import opened
from dlcore.probes.samples import as_maps, coarse, whole
from dlcore.training.session import Session

STACK = (
    layers["conv2d"](channels=6, kernel=3, groups=1),
    layers["max_pool"](),
    layers["conv2d"](channels=4, kernel=3, groups=2, padding=0),
    layers["flatten"](),
    Dense(units=40),
)
IMAGES = Experiment(data=datasets["digits"](n_images=200), split=Split(train=50, validation=0), network=STACK)


@pytest.fixture(scope="module")
def session():
    made = Session(IMAGES)
    made.advance(5)
    return made


def caught(session, layer, sample):
    """What a hook of torch's own catches of one layer."""
    module = session.network.module.eval()
    found = []
    handle = session.network.last_module(layer).register_forward_hook(lambda m, i, out: found.append(out))
    with torch.no_grad():
        module(session.tensors["test"].x[sample : sample + 1])
    handle.remove()
    module.train()
    return found[0][0].numpy()


def shown(record, maps="maps", scale="scale"):
    return record[maps].astype(float) / 127 * record[scale].reshape(-1, *[1] * (record[maps].ndim - 1))


@pytest.mark.parametrize(("layer", "sample"), [(0, 0), (1, 3), (2, 7)])
def test_maps_are_what_a_hook_catches(session, layer, sample):
    record = opened(f"features?layer={layer}&sample={sample}").read(session)
    expected = caught(session, layer, sample)
    assert record["maps"].dtype == np.int8
    assert record["shape"].tolist() == list(expected.shape)
    tolerance = float(record["scale"].max()) / 200
    np.testing.assert_allclose(shown(record), expected, atol=tolerance)


def test_a_flat_layer_is_laid_in_rows_of_16_and_its_end_is_no_number(session):
    record = opened("features?layer=4&sample=2").read(session)
    assert record["maps"].shape == (1, 3, 16)
    assert (record["maps"][0, 2, 8:] == -128).all()
    np.testing.assert_allclose(
        shown(record).ravel()[:40], caught(session, 4, 2), atol=float(record["scale"][0]) / 200
    )


def test_an_opened_channel_adds_up_to_its_own_map(session):
    # the sum of its inputs through its windows, and its bias, is the channel before its activation
    for channel in (0, 3):
        record = opened(f"features?layer=2&sample=5&channel={channel}").read(session)
        inputs = torch.from_numpy(shown(record, "inputs", "input_scale")).float()[None]
        sums = torch.nn.functional.conv2d(inputs, torch.from_numpy(record["kernel"])[None])[0, 0]
        made = torch.relu(sums + float(record["bias"][0])).numpy()
        np.testing.assert_allclose(made, caught(session, 2, 5)[channel], atol=0.05)


def test_the_windows_beside_the_maps_are_the_weights(session):
    record = opened("features?layer=0").read(session)
    weight = session.network.module[0].weight.detach().numpy()
    np.testing.assert_allclose(
        shown(record, "filters", "filter_scale"), weight, atol=float(np.abs(weight).max()) / 200
    )


def test_numbers_past_the_end_mean_the_last(session):
    last = len(session.tensors["test"].x) - 1
    far, near = (opened(w).read(session) for w in (
        "features?layer=99&sample=99999&channel=99", f"features?layer=5&sample={last}"))  # fmt: skip
    assert far.keys() == near.keys()
    assert all(np.array_equal(far[name], near[name]) for name in far)


def test_the_strongest_samples_are_those_with_the_largest_answers(session):
    record = opened("strongest?layer=0").read(session)
    module = session.network.module.eval()
    with torch.no_grad():
        made = module[1](module[0](session.tensors["test"].x)).numpy()
    module.train()
    largest = made.reshape(len(made), 6, -1).max(2)
    for channel in range(6):
        assert record["sample"][channel, 0] == largest[:, channel].argmax()
        np.testing.assert_allclose(
            record["value"][channel], np.sort(largest[:, channel])[::-1][:6], rtol=1e-5
        )
        row, column = (record["place"][channel, 0] * 8).astype(int)
        assert made[record["sample"][channel, 0], channel, row, column] == pytest.approx(
            record["value"][channel, 0]
        )


def test_large_maps_are_shown_by_every_second_place_and_at_most_64_channels():
    wide = Experiment(
        data=datasets["digits"](n_images=100),
        network=(
            layers["upsample"](factor=4), layers["upsample"](factor=4),
            layers["conv2d"](channels=70, kernel=1, padding=0), layers["global_pool"](),
        ),
    )  # fmt: skip
    record = opened("features?layer=2").read(Session(wide))
    assert record["maps"].shape == (64, 64, 64)
    assert record["shape"].tolist() == [70, 128, 128]


def test_what_is_no_number_is_none_in_a_map():
    maps, scale = whole(torch.tensor([[[1.0, float("nan"), float("inf"), -2.0]]]))
    assert maps[0, 0].tolist() == [0, -128, 127, 0]
    assert np.isfinite(scale).all()


def test_a_sequence_has_its_steps_from_left_to_right():
    values = torch.arange(6.0).reshape(3, 2)  # 3 steps of 2 features
    assert as_maps(values).tolist() == [[[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]]
    assert coarse(torch.zeros(1, 200, 3)).shape == (1, 50, 3)
