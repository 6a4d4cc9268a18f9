"""Writes images.json, the numbers that tests/golden_images_test.cpp compares with.

    python3 tests/goldens/images.py    # needs what make.py needs; no arguments

PyTorch computes them in float64, as make.py says. A case carries the shapes and options from which
the test builds the same call; what a kind of case leaves out is not its own.
"""

import pathlib

import torch
from torch.nn import functional

from make import golden, normal, numbers, positive, to_json


def coarse(*shape, mean=0.0):
    """Few digits, which keeps the file short, and equals among those that max_pool2d compares."""
    return torch.round(normal(*shape, mean=mean) * 16) / 16


def convolution(x, weight, bias=True, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    inputs = [coarse(*x), coarse(*weight)] + [coarse(weight[0])] * bias
    return case(lambda *leaves: functional.conv2d(*leaves, **options), inputs, **options)


def pooling(function, x, size, stride=None, padding=(0, 0)):
    stride = stride or size
    return case(lambda leaf: function(leaf, size, stride, padding), [coarse(*x)],
                size=size, stride=stride, padding=padding)


def max_pooling(*arguments, **options):
    return pooling(functional.max_pool2d, *arguments, **options)


def avg_pooling(*arguments, **options):
    return pooling(functional.avg_pool2d, *arguments, **options)


def batch_norm(x, training, eps=1e-5, momentum=0.1):
    """Carries the running statistics before and after the call."""
    channels = x[1]
    before = {"running_mean": coarse(channels), "running_var": positive(channels)}
    after = {name: tensor.clone() for name, tensor in before.items()}

    def op(leaf, gain, bias):
        return functional.batch_norm(leaf, after["running_mean"], after["running_var"], gain, bias,
                                     training, momentum, eps)

    result = case(op, affine(x, channels), training=training, eps=eps, momentum=momentum)
    for when, statistics in [("before", before), ("after", after)]:
        result[when] = {name: numbers(tensor) for name, tensor in statistics.items()}
    return result


def group_norm(x, groups, eps=1e-5):
    return case(lambda leaf, gain, bias: functional.group_norm(leaf, groups, gain, bias, eps),
                affine(x, x[1]), groups=groups, eps=eps)


def affine(x, channels):
    return [coarse(*x, mean=3.0), coarse(channels), coarse(channels)]


def case(op, inputs, **options):
    shapes = [list(tensor.shape) for tensor in inputs]
    return options | {"shapes": shapes} | golden(op, inputs)


CASES = {
    "conv2d": [
        lambda: convolution((2, 2, 5, 6), (3, 2, 3, 3)),
        lambda: convolution((1, 2, 5, 6), (3, 2, 3, 3), bias=False, padding=(1, 1)),
        lambda: convolution((1, 2, 8, 7), (2, 2, 3, 3), stride=(2, 2), padding=(1, 1)),
        lambda: convolution((1, 2, 9, 6), (2, 2, 5, 2), stride=(2, 1), padding=(2, 1)),
        lambda: convolution((1, 2, 8, 7), (2, 2, 3, 3), padding=(2, 1), dilation=(2, 2)),
        lambda: convolution((1, 2, 7, 9), (3, 2, 2, 3), stride=(1, 2), dilation=(3, 1)),
        lambda: convolution((4, 3, 3, 2), (5, 3, 1, 1)),
        lambda: convolution((3, 4, 3, 5), (2, 4, 1, 1), bias=False, stride=(2, 2)),
        lambda: convolution((2, 4, 4, 3), (6, 2, 3, 3), padding=(1, 1), groups=2),
        lambda: convolution((2, 3, 3, 4), (6, 1, 3, 3), padding=(1, 1), groups=3),
        lambda: convolution((1, 3, 6, 7), (3, 1, 3, 3), bias=False, stride=(2, 2), padding=(2, 2),
                            dilation=(2, 2), groups=3),
        lambda: convolution((3, 2, 3, 2), (3, 2, 3, 2)),
        lambda: convolution((2, 1, 1, 8), (2, 1, 1, 3), padding=(0, 2)),
    ],
    "max_pool2d": [
        lambda: max_pooling((2, 2, 4, 8), (2, 2)),
        lambda: max_pooling((1, 2, 7, 11), (2, 2)),
        lambda: max_pooling((3, 1, 8, 7), (3, 3), stride=(2, 2), padding=(1, 1)),
        lambda: max_pooling((1, 2, 6, 9), (3, 3), stride=(1, 1), padding=(1, 1)),
        lambda: max_pooling((1, 2, 11, 5), (5, 2), stride=(3, 1), padding=(2, 1)),
        lambda: max_pooling((2, 2, 5, 4), (1, 3), stride=(2, 4), padding=(0, 1)),
        lambda: max_pooling((4, 2, 3, 2), (3, 2)),
    ],
    "avg_pool2d": [
        lambda: avg_pooling((1, 3, 4, 6), (2, 2)),
        lambda: avg_pooling((1, 2, 7, 11), (2, 2)),
        lambda: avg_pooling((2, 1, 8, 7), (3, 3), stride=(2, 2), padding=(1, 1)),
        lambda: avg_pooling((1, 2, 11, 5), (5, 2), stride=(3, 1), padding=(2, 1)),
        lambda: avg_pooling((4, 2, 3, 2), (3, 2)),
    ],
    "batch_norm": [
        lambda: batch_norm((4, 3, 2, 3), True),
        lambda: batch_norm((5, 3, 1, 1), True, momentum=0.3),
        lambda: batch_norm((1, 2, 4, 9), True, eps=0.1),
        lambda: batch_norm((3, 2, 3, 4), False),
        lambda: batch_norm((1, 2, 7, 1), False, eps=0.01),
    ],
    "group_norm": [
        lambda: group_norm((2, 6, 3, 2), 3),
        lambda: group_norm((3, 4, 1, 5), 1, eps=0.1),
        lambda: group_norm((1, 3, 5, 3), 3),
        lambda: group_norm((4, 8, 1, 1), 2),
    ],
}

if __name__ == "__main__":
    torch.manual_seed(3)
    text = "{\n" + ",\n".join(
        f' "{op}": [\n' + ",\n".join("  " + to_json(make(), "  ") for make in cases) + "\n ]"
        for op, cases in CASES.items()) + "\n}\n"
    (pathlib.Path(__file__).parent / "images.json").write_text(text)
