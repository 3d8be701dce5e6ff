"""Each layer as Keras 3 makes it.  Keras has channels last: an image is (height, width, channels) there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore import layers as ours
from dlcore.activations import Activation
from dlcore.layers import IMAGE, SEQUENCE, Layer, Shape, form
from dlcore.layers.base import Bypass
from dlcore.layers.convolution import ConvTranspose2d, SqueezeExcite, Upsample
from dlcore.layers.nested import through
from dlcore.layers.pooling import Pool
from dlcore.layers.recurrent import Gated, Recurrent

ACTIVATIONS = {
    "relu": 'keras.layers.Activation("relu")',
    "leaky_relu": "keras.layers.LeakyReLU(negative_slope=0.01)",
    "elu": 'keras.layers.Activation("elu")',
    "gelu": 'keras.layers.Activation("gelu")',
    "silu": 'keras.layers.Activation("silu")',
    "softplus": 'keras.layers.Activation("softplus")',
    "tanh": 'keras.layers.Activation("tanh")',
    "sigmoid": 'keras.layers.Activation("sigmoid")',
    "sine": "keras.ops.sin",
    "step": "step",
}
START = "**start"
"""The keywords that say how the weights of a layer begin and what pulls on them."""
CELLS = "**cells"
"""The keywords that say what pulls on the weights of recurrent cells, which begin in a way of their own."""


class NoSuchLayer(ValueError):
    """Say which layer Keras does not have."""


class Draft:
    """Lines that make a network of functions, one after another; ``h`` is what has come out so far."""

    def __init__(self, penalised: bool = False) -> None:
        self.penalised = penalised
        self.lines: list[str] = []
        self.positions = False
        self.n_kept = 0

    def apply(self, made: str, to: str = "h") -> None:
        """Send what has come out so far through one more layer."""
        self.lines.append(f"h = {made}({to})")

    def layer(self, name: str, *first: object, options: str = "", **settings: Any) -> None:
        """The same through a layer of Keras's own, with its arguments."""
        parts = [*(repr(each) if not isinstance(each, Raw) else each for each in first)]
        parts += [f"{key}={value!r}" for key, value in settings.items()] + ([options] if options else [])
        self.apply(f"keras.layers.{name}({', '.join(parts)})")

    def keep(self) -> str:
        """A name for what has come out so far."""
        self.n_kept += 1
        self.lines.append(f"h{self.n_kept} = h")
        return f"h{self.n_kept}"

    def activate(self, activation: Activation) -> None:
        """Bend every number."""
        kind = activation.kind_name()
        if kind == "linear":
            return
        if kind not in ACTIVATIONS:
            raise NoSuchLayer(
                f"Keras has no activation “{activation.heading()}”, so there is no Keras script."
            )
        self.apply(ACTIVATIONS[kind])


class Raw(str):
    """Code that is printed as it is."""


Write = Callable[[Any, Shape, Draft, str], None]
WRITERS: dict[type[Layer], Write] = {}


def writes(*kinds: type[Layer]) -> Callable[[Write], Write]:
    """Enter the function that writes layers of these kinds."""

    def enter(write: Write) -> Write:
        WRITERS.update(dict.fromkeys(kinds, write))
        return write

    return enter


def write(layer: Layer, shape: Shape, draft: Draft, frozen: bool = False) -> None:
    """Write one layer that is given samples of ``shape``.  Raises ``NoSuchLayer``."""
    writer = next((WRITERS[kind] for kind in type(layer).__mro__ if kind in WRITERS), None)
    if writer is None:
        raise NoSuchLayer(f"Keras has no layer “{layer.heading()}”, so there is no Keras script.")
    still = frozen or bool(getattr(layer, "frozen", False))
    writer(layer, shape, draft, "trainable=False" if still else "")


def _places(shape: Shape) -> str:
    return {IMAGE: "2D", SEQUENCE: "1D"}[form(shape)]


def _options(*each: str) -> str:
    return ", ".join(filter(None, each))


@writes(Bypass)
def _bypass(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    """What is switched off leaves no line."""


@writes(ours.Dense)
def _dense(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Dense", layer.units, options=_options(still, START))
    draft.activate(layer.activation)


@writes(ours.Conv1d, ours.Conv2d)
def _convolution(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    if layer.padding:
        draft.layer(f"ZeroPadding{_places(shape)}", layer.padding)
    how = {"strides": layer.stride, "dilation_rate": layer.dilation, "groups": layer.groups}
    if layer.stride > 1 and layer.dilation > 1:
        raise NoSuchLayer(
            f"Keras has no layer “{layer.heading()}” with both a stride and a dilation, "
            "so there is no Keras script."
        )
    settings = {name: value for name, value in how.items() if value != 1}
    options = _options(still, START)
    draft.layer(f"Conv{_places(shape)}", layer.channels, layer.kernel, options=options, **settings)
    draft.activate(layer.activation)


@writes(ConvTranspose2d)
def _transposed(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    settings = {} if layer.stride == 1 else {"strides": layer.stride}
    options = _options(still, START)
    draft.layer("Conv2DTranspose", layer.channels, layer.kernel, options=options, **settings)
    further = max(0, layer.stride - layer.kernel)  # Keras makes room for the whole stride at the end
    if layer.padding or further:
        sides = (layer.padding, layer.padding + further)
        draft.layer("Cropping2D", (sides, sides))
    draft.activate(layer.activation)


@writes(Upsample)
def _upsample(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("UpSampling2D", layer.factor)


@writes(SqueezeExcite)
def _squeeze(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    whole = draft.keep()
    image = form(shape) == IMAGE
    channels = shape[0] if image else shape[1]
    draft.layer(f"GlobalAveragePooling{_places(shape)}")
    squeezed = max(1, channels // layer.ratio)
    draft.layer("Dense", squeezed, activation="relu", options=_options(still, START))
    draft.layer("Dense", channels, activation="sigmoid", options=_options(still, START))
    draft.layer("Reshape", (1, 1, channels) if image else (1, channels))
    draft.apply("keras.layers.Multiply()", f"[{whole}, h]")


@writes(Pool)
def _pool(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    name = "Max" if layer.kind == "max_pool" else "Average"
    draft.layer(f"{name}Pooling{_places(shape)}", layer.size)


@writes(ours.GlobalPool)
def _global_pool(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    name = "Average" if layer.keep == "mean" else "Max"
    draft.layer(f"Global{name}Pooling{_places(shape)}")


@writes(ours.BatchNorm)
def _batch_norm(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("BatchNormalization", momentum=round(1 - layer.momentum, 6), epsilon=1e-5, options=still)


@writes(ours.LayerNorm)
def _layer_norm(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    axes = {"axis": (1, 2, 3)} if form(shape) == IMAGE else {}
    draft.layer("LayerNormalization", epsilon=1e-5, options=still, **axes)


@writes(ours.GroupNorm)
def _group_norm(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("GroupNormalization", layer.groups, epsilon=1e-5, options=still)


@writes(ours.Dropout)
def _dropout(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Dropout", layer.p)


@writes(ours.SpatialDropout)
def _spatial_dropout(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer(f"SpatialDropout{_places(shape)}", layer.p)


@writes(ours.GaussianNoise)
def _noise(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("GaussianNoise", layer.std)


@writes(ours.Flatten)
def _flatten(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    if form(shape) == IMAGE:
        draft.layer("Permute", (3, 1, 2))  # in the order in which PyTorch has them
    draft.layer("Flatten")


@writes(ours.ToImage)
def _to_image(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    _flatten(layer, shape, draft, still)
    draft.layer("Reshape", (layer.channels, layer.height, layer.width))
    draft.layer("Permute", (2, 3, 1))


@writes(ours.ToSequence)
def _to_sequence(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Reshape", layer.output_shape(shape))


@writes(ours.Rows)
def _rows(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Permute", (1, 3, 2))
    draft.layer("Reshape", layer.output_shape(shape))


@writes(ours.Patches)
def _patches(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    (channels, height, width), size = shape, layer.size
    draft.layer("Reshape", (height // size, size, width // size, size, channels))
    draft.layer("Permute", (1, 3, 5, 2, 4))
    draft.layer("Reshape", layer.output_shape(shape))


@writes(ours.Transpose)
def _transpose(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Permute", (2, 1))


@writes(ours.Activate)
def _activate(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.activate(layer.activation)


@writes(ours.Softmax)
def _softmax(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    draft.layer("Softmax")


@writes(ours.Embedding)
def _embedding(layer: Any, shape: Any, draft: Draft, still: str) -> None:
    draft.layer("Embedding", shape.vocabulary, layer.size, options=still)


@writes(ours.Positions)
def _positions(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    if layer.how == "sine":
        draft.positions = True
        draft.lines.append(f"h = h + waves{shape}")
    else:
        learned = f"keras.layers.Embedding({shape[0]}, {shape[1]}{', ' * bool(still)}{still})"
        steps = f'keras.ops.zeros_like(h[:, :, 0], dtype="int32") + np.arange({shape[0]}, dtype="int32")'
        draft.lines.append(f"h = h + {learned}({steps})")


@writes(Recurrent)
def _recurrent(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    if isinstance(layer, Gated) and layer.remember:
        raise NoSuchLayer(
            f"Keras has no layer “{layer.heading()}” whose gate starts at {layer.remember:g}, "
            "so there is no Keras script."
        )
    name = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}[layer.kind]
    own: dict[str, dict[str, Any]] = {
        "rnn": {"activation": getattr(layer, "activation", "tanh")},
        "lstm": {"unit_forget_bias": False},
    }
    settings = {**own.get(layer.kind, {}), "return_sequences": layer.keep == "all steps"}
    keywords = "".join(f", {key}={value!r}" for key, value in settings.items())
    options = _options(CELLS * draft.penalised, still)
    cell = f"keras.layers.{name}({layer.units}{keywords}{', ' * bool(options)}{options})"
    draft.apply(f"keras.layers.Bidirectional({cell})" if layer.both_ways else cell)


def _attention(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    if layer.rotary:
        raise NoSuchLayer(
            f"Keras has no layer “{layer.heading()}” with rotary positions, so there is no Keras script."
        )
    if layer.silenced_heads:
        raise NoSuchLayer(
            f"Keras has no layer “{layer.heading()}” with heads switched off, so there is no Keras script."
        )
    heads, size = layer.heads, shape[1] // layer.heads
    dropout = f", dropout={layer.dropout!r}" if layer.dropout else ""
    made = f"keras.layers.MultiHeadAttention({heads}, {size}{dropout}, {_options(still, START)})"
    draft.apply(made, "h, h, use_causal_mask=True" if layer.causal else "h, h")


@writes(ours.SelfAttention)
def _self_attention(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    _attention(layer, shape, draft, still)


@writes(ours.TransformerBlock)
def _transformer(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    def thinking() -> None:
        draft.layer("Dense", layer.hidden, options=_options(still, START))
        draft.activate(layer.activation)
        draft.layer("Dense", shape[1], options=_options(still, START))

    def looking() -> None:
        _attention(layer, shape, draft, still)

    for half in (looking, thinking):
        before = draft.keep()
        if layer.norm == "before":
            draft.layer("LayerNormalization", epsilon=1e-5, options=still)
        half()
        if layer.dropout:
            draft.layer("Dropout", layer.dropout)
        draft.apply("keras.layers.Add()", f"[{before}, h]")
        if layer.norm == "after":
            draft.layer("LayerNormalization", epsilon=1e-5, options=still)


def _stack(stack: tuple[Layer, ...], shape: Shape, draft: Draft, frozen: bool) -> None:
    for layer in stack:
        write(layer, shape, draft, frozen)
        shape = layer.output_shape(shape)


@writes(ours.Residual)
def _residual(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    before = draft.keep()
    _stack(layer.inside, shape, draft, bool(still))
    inside = draft.keep()
    after = through(layer.inside, shape)
    if shape != after:
        draft.lines.append(f"h = {before}")
        _projection(shape, after, draft, still)
        draft.apply("keras.layers.Add()", f"[h, {inside}]")
    else:
        draft.apply("keras.layers.Add()", f"[{before}, {inside}]")
    draft.activate(layer.activation)


def _projection(shape: Shape, after: Shape, draft: Draft, still: str) -> None:
    """What brings the input to the shape of the sum, as the block of PyTorch does."""
    options = _options(still, START)
    if form(shape) == IMAGE:
        strides = tuple(_stride(*sides) for sides in zip(shape[1:], after[1:], strict=True))
        draft.layer("Conv2D", after[0], 1, strides=strides, options=options)
    elif form(shape) == SEQUENCE and shape[0] != after[0]:
        draft.layer("Conv1D", after[1], 1, strides=_stride(shape[0], after[0]), options=options)
    else:
        draft.layer("Dense", after[-1], options=options)


def _stride(before: int, after: int) -> int:
    return next(s for s in range(1, before + 1) if (before - 1) // s + 1 == after)


@writes(ours.Parallel)
def _parallel(layer: Any, shape: Shape, draft: Draft, still: str) -> None:
    before, ends = draft.keep(), []
    for path in layer.paths:
        draft.lines.append(f"h = {before}")
        _stack(path, shape, draft, bool(still))
        ends.append(draft.keep())
    draft.apply(f"keras.layers.{'Add' if layer.join == 'sum' else 'Concatenate'}()", f"[{', '.join(ends)}]")
