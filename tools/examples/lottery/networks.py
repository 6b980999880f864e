"""The networks that `baselines` compares: 64 pixels -> hidden units (ReLU) -> 10 digits, trained or only pruned.

A bias is the weight of one more input, which is always 1: it is trained, pruned and counted like any other.
NumPy alone; the same figures at every run with the same NumPy and BLAS.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import sys
from pathlib import Path

# Small products: processes share the work better than threads, and the sums keep their order.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "digits"))
import train as digits  # noqa: E402

VALIDATION = 260  # of the 1297 training images
HIDDEN = digits.HIDDEN
EPOCHS = digits.EPOCHS
POPUP_EPOCHS = 100


def with_one(x):
    return np.hstack([x, np.ones((len(x), 1), x.dtype)])


def load(path):
    """The split of digits/train.py, its training images split once more."""
    order = np.random.RandomState(1).permutation(1797)
    x, y = digits.load(path)
    x = with_one(x.astype(np.float32))
    training, test = order[: digits.TRAINING], order[digits.TRAINING :]
    parts = {"train": training[:-VALIDATION], "validation": training[-VALIDATION:], "test": test}
    return {name: (x[part], y[part]) for name, part in parts.items()}


def times(x, layer):
    return layer(x) if callable(layer) else x @ layer.T


def forward(layers, x):
    hidden = with_one(np.maximum(times(x, layers[0]), 0))
    return hidden, times(hidden, layers[1])


def gradients(weights, x, y):
    """Of the mean cross-entropy."""
    hidden, logits = forward(weights, x)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    p /= len(y)
    back = (p @ weights[1][:, :-1]) * (hidden[:, :-1] > 0)
    return back.T @ x, p.T @ hidden


def initial(random, hidden=HIDDEN):
    """He's normal start, biases 0."""
    weights = []
    for outputs, inputs in ((hidden, 64), (10, hidden)):
        w = np.zeros((outputs, inputs + 1), np.float32)
        w[:, :-1] = random.standard_normal((outputs, inputs)) * np.sqrt(2 / inputs)
        weights.append(w)
    return weights


def batches(count, epochs, random):
    for _ in range(epochs):
        order = random.permutation(count)
        for start in range(0, count, digits.BATCH):
            yield order[start : start + digits.BATCH]


def train(start, masks, data, random):
    """Adam as in digits/train.py, but in single precision, and biases decay as the other weights do that they are here;
    what the masks prune stays 0."""
    x, y = data["train"]
    weights = [w * m for w, m in zip(start, masks)]
    mean = [np.zeros_like(w) for w in weights]
    square = [np.zeros_like(w) for w in weights]
    steps = EPOCHS * -(-len(y) // digits.BATCH)
    for step, batch in enumerate(batches(len(y), EPOCHS, random), 1):
        rate = digits.RATE * (1 - (step - 1) / steps)
        for k, g in enumerate(gradients(weights, x[batch], y[batch])):
            g = g * masks[k]
            mean[k] = 0.9 * mean[k] + 0.1 * g
            square[k] = 0.999 * square[k] + 0.001 * g * g
            ahead = (mean[k] / (1 - 0.9**step)) / (np.sqrt(square[k] / (1 - 0.999**step)) + 1e-8)
            weights[k] = weights[k] - np.float32(rate) * ahead - np.float32(digits.DECAY) * weights[k]
    return weights


def largest(values, count):
    """A mask of the `count` largest."""
    mask = np.zeros(values.size, np.float32)
    mask[np.argpartition(values.ravel(), values.size - count)[values.size - count :]] = 1
    return mask.reshape(values.shape)


class PrunedLayers:
    """A layer made of two pruned random ones with a ReLU between, as they are: hidden units, edges, no sums of weights.

    `counts`: of both, the random weights there were and those kept.
    """

    def __init__(self, first, first_kept, second, second_kept, scale):
        self.first = (first * first_kept).astype(np.float32)  # inputs x units: hidden unit k of an input reads it alone
        self.second = (second * second_kept).astype(np.float32)  # outputs x inputs x units
        self.scale = np.float32(scale)
        self.counts = [(kept.size, int(kept.sum())) for kept in (first_kept, second_kept)]

    def __call__(self, x):
        hidden = np.maximum(x[:, :, None] * self.first, 0)
        return self.scale * (hidden.reshape(len(x), -1) @ self.second.reshape(len(self.second), -1).T)


def pruned_layers(folder, scale):
    """From the folder of a ticket of --construction relu."""
    first, second = np.load(f"{folder}/hidden.npy"), np.load(f"{folder}/random.npy")
    kept = [
        np.load(f"{folder}/{name}.npy")[..., None] >> np.arange(first.shape[1], dtype=np.uint64) & np.uint64(1)
        for name in ("hidden_masks", "masks")
    ]
    return PrunedLayers(first, kept[0], second, kept[1], scale)


def edge_popup(width, kept, rate, data, seed, epochs=None):
    """Fixed weights of random sign; a score each, trained as if the mask of the largest scores were the scores."""
    epochs = POPUP_EPOCHS if epochs is None else epochs
    x, y = data["train"]
    random = np.random.RandomState([seed, 3, width])
    weights, scores, counts = [], [], []
    for outputs, inputs in ((width, 65), (10, width + 1)):
        w = np.sign(random.uniform(-1, 1, (outputs, inputs))) * np.sqrt(2 / inputs / kept)
        weights.append(w.astype(np.float32))
        scores.append((random.uniform(-1, 1, w.shape) / np.sqrt(inputs)).astype(np.float32))
        counts.append(round(kept * w.size))
    speed = [np.zeros_like(s) for s in scores]
    steps = epochs * -(-len(y) // digits.BATCH)

    def pruned():
        return [w * largest(np.abs(s), n) for w, s, n in zip(weights, scores, counts)]

    for step, batch in enumerate(batches(len(y), epochs, random)):
        now = np.float32(rate * 0.5 * (1 + np.cos(np.pi * step / steps)))
        for k, g in enumerate(gradients(pruned(), x[batch], y[batch])):
            # The weight's share of the gradient with the sign of its score: the mask looks at |score|.
            g = g * weights[k] * np.sign(scores[k]) + np.float32(1e-4) * scores[k]
            speed[k] = np.float32(0.9) * speed[k] + g
            scores[k] = scores[k] - now * speed[k]
    return pruned(), counts


def hits(layers, data, part):
    """Of each image, whether it is told right."""
    x, y = data[part]
    return forward(layers, x)[1].argmax(axis=1) == y
