import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d, conv2d, max_pool2d

from dlcore.sliding import KERNELS, SAYS, Window, agreement, known, patches, resized, results, slide, together

RNG = np.random.default_rng(3)
WINDOWS = [
    Window(size, stride, padding, dilation)
    for size in (1, 2, 3, 4, 5)
    for stride in (1, 2, 3, 4)
    for padding in (0, 1, 3)
    for dilation in (1, 2, 3)
]


def numbers(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_window_that_sums_is_torchs_convolution_at_every_stride_padding_and_dilation(channels):
    image = numbers(channels, 15, 17)
    for window in WINDOWS:
        kernel, bias = numbers(channels, window.size, window.size), float(numbers(1)[0])
        expected = conv2d(
            torch.from_numpy(image)[None], torch.from_numpy(kernel)[None], torch.tensor([bias]),
            stride=window.stride, padding=window.padding, dilation=window.dilation,
        )[0].numpy()  # fmt: skip
        made = results(image, window, kernel, bias)
        assert made["output"].dtype == np.float32
        np.testing.assert_allclose(made["output"], expected, rtol=1e-5, atol=1e-5)
        alone = conv2d(
            torch.from_numpy(image)[None], torch.from_numpy(kernel)[:, None], groups=channels,
            stride=window.stride, padding=window.padding, dilation=window.dilation,
        )[0].numpy()  # fmt: skip
        np.testing.assert_allclose(made["shares"], alone, rtol=1e-5, atol=1e-5)


def test_a_window_that_takes_the_largest_is_torchs_max_pooling():
    image = numbers(2, 14, 13)
    for each in WINDOWS:
        window = Window(each.size, each.stride, min(each.padding, each.size // 2), each.dilation, "max")
        expected = max_pool2d(
            torch.from_numpy(image)[None], window.size, window.stride, window.padding, window.dilation
        )[0].numpy()
        np.testing.assert_array_equal(slide(image, window), expected)


def test_a_window_that_takes_the_mean_is_torchs_average_pooling():
    image = numbers(2, 14, 13)
    for each in WINDOWS:
        window = Window(each.size, each.stride, min(each.padding, each.size // 2), 1, "mean")
        expected = avg_pool2d(torch.from_numpy(image)[None], window.size, window.stride, window.padding)
        np.testing.assert_allclose(slide(image, window), expected[0].numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("window", [Window(3, 2, 1, 2), Window(2, 2, 0, 1, "max")])
def test_the_numbers_under_the_window_are_those_of_the_padded_image(window):
    image = numbers(1, 9, 8)
    rim = -np.inf if window.how == "max" else 0
    around = np.pad(image[0], window.padding, constant_values=rim)
    under = patches(image, window)
    for i in range(under.shape[1]):
        for j in range(under.shape[2]):
            for r in range(window.size):
                for c in range(window.size):
                    at = i * window.stride + r * window.dilation, j * window.stride + c * window.dilation
                    assert under[0, i, j, r, c] == around[at]


def test_a_window_that_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match=r"reaches over 13 × 13 places.*has 8 × 8.*smaller window"):
        slide(numbers(1, 8, 8), Window(5, dilation=3), numbers(1, 5, 5))
    with pytest.raises(ValueError, match=r"half of its window at most.*less padding"):
        slide(numbers(1, 8, 8), Window(2, padding=2, how="max"))
    with pytest.raises(ValueError, match="Set dilation to 1"):
        slide(numbers(1, 8, 8), Window(2, dilation=2, how="mean"))


def test_named_kernels_do_what_is_said_of_them():
    image = numbers(1, 10, 10)
    same = Window(3, padding=1)

    def made(name):
        return together(slide(image, same, known(name, 1)), 0.0)

    np.testing.assert_array_equal(made("identity"), image[0])
    np.testing.assert_array_equal(made("shift left")[:, :-1], image[0, :, 1:])
    ramp = np.tile(np.arange(10, dtype=np.float32), (10, 1))[None]  # brighter from left to right
    inner = Window(3)
    assert (together(slide(ramp, inner, known("Sobel x", 1)), 0) == 8).all()
    assert (together(slide(ramp, inner, known("Sobel y", 1)), 0) == 0).all()
    assert (together(slide(ramp, inner, known("Laplacian", 1)), 0) == 0).all()
    for name in ("identity", "box blur", "Gaussian", "sharpen", "emboss", "shift left"):
        assert KERNELS[name].sum() == pytest.approx(1), "even ground keeps its brightness"
    assert SAYS.keys() == KERNELS.keys()


def test_a_named_kernel_gives_each_channel_an_equal_part_of_it():
    grey = numbers(1, 6, 6)
    colour = np.repeat(grey, 3, 0)
    one = together(slide(grey, Window(), known("sharpen", 1)), 0)
    three = together(slide(colour, Window(), known("sharpen", 3)), 0)
    np.testing.assert_allclose(one, three, rtol=1e-5, atol=1e-5)


def test_a_kernel_of_another_size_keeps_its_middle():
    kernel = numbers(2, 3, 3)
    larger = resized(kernel, 5)
    np.testing.assert_array_equal(larger[:, 1:4, 1:4], kernel)
    assert larger.sum() == pytest.approx(kernel.sum())
    np.testing.assert_array_equal(resized(larger, 3), kernel)
    np.testing.assert_array_equal(resized(kernel, 1), kernel[:, 1:2, 1:2])
    assert resized(kernel, 2).shape == (2, 2, 2)
    assert resized(kernel, 4)[0, 1, 1] == kernel[0, 1, 1]
    np.testing.assert_array_equal(known("box blur", 1, 5), np.full((1, 5, 5), 0.04, np.float32))


def test_neighbours_agree_where_a_kernel_is_smooth_and_not_where_it_is_noise():
    ramp = np.tile(np.arange(5, dtype=np.float32), (5, 1))
    board = np.indices((5, 5)).sum(0).astype(np.float32) % 2
    assert agreement(ramp[None]) == pytest.approx((0.5 + 1) / 2), "along its slope by half, and level fully"
    assert agreement(board[None]) == pytest.approx(-1, abs=0.01)
    noise = np.random.default_rng(0).standard_normal((2000, 7, 7)).astype(np.float32)
    assert agreement(noise) == pytest.approx(-1 / 48, abs=0.01), "what Moran's I expects of chance"
    assert agreement(5 * ramp[None] - 3) == pytest.approx(agreement(ramp[None]), rel=1e-4)
    assert agreement(np.zeros((1, 3, 3), np.float32)) == 0
