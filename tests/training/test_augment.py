import numpy as np
import pytest
import torch

from dlcore.data import Task
from dlcore.experiment import Experiment, diff
from dlcore.link import decode, encode
from dlcore.losses import losses
from dlcore.training.augment import augmenting
from dlcore.training.session import Session

NETWORK = ({"kind": "flatten"}, {"kind": "dense", "units": 8})
SHAPES = {"kind": "shapes", "n_images": 120, "side": 16, "n_shapes": 3}
ALL = {"shift": 0.1, "rotate": 15, "zoom": 0.1, "flip": True, "noise": 0.1, "cut_out": 0.3, "mix_up": 0.3}
PLAIN = Experiment(data=SHAPES, network=NETWORK, batch_size=16)
AUGMENTED = Experiment(data=SHAPES, network=NETWORK, batch_size=16, augmentation=ALL)


def weights(session):
    return [parameter.detach().numpy().tobytes() for parameter in session.network.module.parameters()]


def test_an_augmented_run_is_the_same_twice_and_another_than_without():
    sessions = [Session(e) for e in (AUGMENTED, AUGMENTED, PLAIN)]
    for session in sessions:
        session.advance(9)
    assert weights(sessions[0]) == weights(sessions[1]) != weights(sessions[2])


def test_a_resumed_run_is_the_same_to_the_last_bit():
    whole, first = Session(AUGMENTED), Session(AUGMENTED)
    whole.advance(11)
    first.advance(6)  # in the midst of the second epoch
    resumed = Session.restored(first.checkpoint())
    resumed.advance(5)
    assert weights(resumed) == weights(whole)


def test_only_training_batches_are_altered():
    plain, augmented = Session(PLAIN), Session(AUGMENTED)
    assert augmented.evaluate() == plain.evaluate()
    before = augmented.tensors["train"].x.clone()
    augmented.advance(8)
    assert torch.equal(augmented.tensors["train"].x, before)


def test_without_augmentation_nothing_stands_between_the_batch_and_the_network():
    assert augmenting(PLAIN) is None


def test_a_setting_can_be_changed_while_the_run_goes_on():
    other = AUGMENTED.model_copy(
        update={"augmentation": AUGMENTED.augmentation.model_copy(update={"rotate": 40})}
    )
    assert [(change.path, change.live) for change in diff(AUGMENTED, other)] == [
        ("augmentation.rotate", True)
    ]
    session = Session(PLAIN)
    session.advance(3)
    assert session.change(AUGMENTED)
    assert session.step == 3
    session.advance(3)
    assert session.marks.pairs[0][1] != ""


@pytest.mark.parametrize("n_shapes", [2, 3])
@pytest.mark.parametrize("loss", losses.kinds())
def test_mix_up_trains_with_every_loss_that_takes_it_and_is_left_out_of_the_others(loss, n_shapes):
    e = Experiment(
        data={**SHAPES, "n_shapes": n_shapes}, network=NETWORK, loss=loss, augmentation={"mix_up": 0.5}
    )
    if e.data.task not in e.loss.tasks:
        pytest.skip("the loss is not for classes")
    problems = e.problems()
    assert all("Mix-up asks for answers between two classes" in problem.what for problem in problems)
    assert not problems or problems[0].remedy["augmentation"].mix_up == 0
    for problem in problems:
        e = e.model_copy(update=dict(problem.remedy))
    assert e.problems() == []
    session = Session(e)
    session.advance(5)
    assert np.isfinite(session.batch_loss)
    assert bool(problems) == (loss == "hinge") or loss not in ("cross_entropy", "mean_squared", "hinge")


def test_what_is_no_image_is_not_augmented_and_the_page_says_so():
    table = Experiment(data="iris", augmentation={"rotate": 10})
    (problem,) = table.problems()
    assert "these data hold none" in problem.what
    assert table.model_copy(update=dict(problem.remedy)).problems() == []
    assert table.data.task is Task.CLASSES


def test_a_link_carries_the_augmentation():
    assert decode(encode(AUGMENTED)).experiment == AUGMENTED
    assert "augmentation" not in PLAIN.compact()
