import pytest
from pydantic import ValidationError

from dlcore.guides.convolution import GUIDE, RUN, ConvolutionSettings
from dlcore.sliding import KERNELS, agreement
from dlcore.training.session import Session


def windows(session):
    return session.network.module[0].weight.detach().numpy()[:, 0]


def test_its_network_reads_digits_with_windows_that_begin_as_noise_and_become_smooth():
    session = Session(GUIDE.experiments(GUIDE.settings)[RUN])
    assert agreement(windows(session)) < 0.1
    for _ in range(3):
        session.advance_epoch()
    assert agreement(windows(session)) > 0.5
    assert session.evaluate().test_score > 0.92


@pytest.mark.parametrize("settings", [each.settings for each in GUIDE.tries], ids=lambda s: s.kernel)
def test_what_it_tells_to_try_can_run_and_can_be_sent_as_a_link(settings):
    assert GUIDE.experiments(settings)[RUN].problems() == []
    assert ConvolutionSettings.model_validate(settings.compact()) == settings


def test_every_named_kernel_can_be_set_and_nothing_out_of_bounds():
    for name in KERNELS:
        assert ConvolutionSettings(kernel=name).window().how == "sum"
    assert ConvolutionSettings(kernel="max pool").window(2).how == "max"
    for wrong in (
        {"kernel": "cat"},
        {"weights": (11.0,)},
        {"weights": (0.0,) * 76},
        {"stride": 5},
        {"size": 6},
    ):
        with pytest.raises(ValidationError):
            ConvolutionSettings(**wrong)
