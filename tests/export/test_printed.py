import pytest

from dlcore.experiment import Experiment
from dlcore.export.printed import call, literal, source
from dlcore.export.script import script
from dlcore.spec import Call


@pytest.mark.parametrize(
    "value",
    [[], ["a, b", "(c), (d", "it's"] * 20, [(0.5, -1.25, i) for i in range(60)], [["x" * 200]], (1,), "text"],
    ids=str,
)
def test_a_value_is_printed_so_that_python_reads_it_back(value):
    assert eval(literal(value)) == value


def test_a_long_call_has_its_arguments_on_lines_of_their_own_and_means_the_same():
    inner = Call("torch.nn.Sequential", *[Call("torch.nn.Linear", 4, 4)] * 6)
    outer = Call("torch.nn.Sequential", inner, [1, 2], paths=[inner, inner], joined=None)
    text = call(outer)
    assert max(map(len, text.splitlines())) <= 100
    assert eval(
        text.replace("nn.Sequential", "dict_of").replace("nn.Linear", "dict_of"), {"dict_of": _named}
    ) == eval(
        outer.source().replace("torch.nn.Sequential", "dict_of").replace("torch.nn.Linear", "dict_of"),
        {"dict_of": _named},
    )


def _named(*args, **kwargs):
    return args, kwargs


def test_a_block_is_printed_with_what_it_leans_on_and_nothing_else():
    found = source([Call("dlcore.blocks.Residual", inside=Call("dlcore.blocks.Sine"))])
    assert any(text.startswith("class Residual") for text in found.definitions)
    assert not any(text.startswith("class SelfAttention") for text in found.definitions)


def test_no_line_of_a_script_is_longer_than_a_hundred_and_ten_letters():
    e = Experiment(
        data={"kind": "reverse"},
        network=({"kind": "embedding"}, "positions", {"kind": "transformer_block"}, {"kind": "residual"}),
    )
    assert max(map(len, script(e).splitlines())) <= 110
