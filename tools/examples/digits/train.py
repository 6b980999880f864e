#!/usr/bin/env python3
"""Trains the example's digit classifier: 64 pixels -> 100 hidden units (ReLU) -> 10 digits.

Reads digits.csv.gz (see README.md for its origin) and writes, beside this script or into --output,
W1.npy (100 x 64), b1.npy, W2.npy (10 x 100), b2.npy, and the test set as images.npy (500 x 64) and labels.npy.
NumPy alone; the same bytes at every run with the same NumPy and BLAS.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import gzip
from pathlib import Path

import numpy as np

DEBIAN_COPY = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
TRAINING = 1297  # of 1797 images; the rest is the test set
HIDDEN = 100
EPOCHS = 60
BATCH = 32
RATE = 1e-3
DECAY = 1e-4  # decoupled weight decay


def load(path):
    """Pixels in 0..1 (the file counts 0..16) and labels."""
    with gzip.open(path, "rt") as text:
        table = np.loadtxt(text, delimiter=",")
    if table.shape != (1797, 65):
        raise SystemExit(f"{path}: {table.shape[0]} x {table.shape[1]} values: expected 1797 x 65")
    return table[:, :64] / 16.0, table[:, 64].astype(np.int64)


def forward(parameters, x):
    w1, b1, w2, b2 = parameters
    hidden = np.maximum(x @ w1.T + b1, 0.0)
    return hidden, hidden @ w2.T + b2


def gradients(parameters, x, y):
    """Of the mean cross-entropy."""
    _, _, w2, _ = parameters
    hidden, logits = forward(parameters, x)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1.0
    p /= len(y)
    back = (p @ w2) * (hidden > 0.0)
    return [back.T @ x, back.sum(axis=0), p.T @ hidden, p.sum(axis=0)]


def train(x, y, random):
    """Adam with decoupled weight decay; the learning rate falls linearly to zero."""
    parameters = [
        random.standard_normal((HIDDEN, 64)) * np.sqrt(2.0 / 64),
        np.zeros(HIDDEN),
        random.standard_normal((10, HIDDEN)) * np.sqrt(2.0 / HIDDEN),
        np.zeros(10),
    ]
    mean = [np.zeros_like(p) for p in parameters]
    square = [np.zeros_like(p) for p in parameters]
    steps = EPOCHS * -(-len(y) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = random.permutation(len(y))
        for start in range(0, len(y), BATCH):
            batch = order[start : start + BATCH]
            rate = RATE * (1.0 - step / steps)
            step += 1
            for k, g in enumerate(gradients(parameters, x[batch], y[batch])):
                mean[k] = 0.9 * mean[k] + 0.1 * g
                square[k] = 0.999 * square[k] + 0.001 * g * g
                ahead = (mean[k] / (1.0 - 0.9**step)) / (np.sqrt(square[k] / (1.0 - 0.999**step)) + 1e-8)
                parameters[k] = parameters[k] - rate * ahead - DECAY * parameters[k] * (parameters[k].ndim > 1)
    return parameters


def accuracy(parameters, x, y):
    return float(np.mean(forward(parameters, x)[1].argmax(axis=1) == y))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", nargs="?", default=DEBIAN_COPY, help="digits.csv.gz (default: %(default)s)")
    arguments.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder for the NPY files")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()

    # The legacy generator: its streams are frozen, so the split stays what it is.
    random = np.random.RandomState(options.seed)
    x, y = load(options.data)
    order = random.permutation(len(y))
    training, test = order[:TRAINING], np.sort(order[TRAINING:])
    parameters = train(x[training], y[training], random)

    # What is committed is what is measured: single precision.
    parameters = [p.astype(np.float32) for p in parameters]
    images = x[test].astype(np.float32)
    labels = y[test].astype(np.uint8)
    print(f"training accuracy {100 * accuracy(parameters, x[training], y[training]):.2f} % of {len(training)}")
    print(f"test accuracy     {100 * accuracy(parameters, images, labels):.2f} % of {len(test)}")
    named = dict(zip(("W1", "b1", "W2", "b2"), parameters), images=images, labels=labels)
    for name, array in named.items():
        np.save(options.output / f"{name}.npy", array)


if __name__ == "__main__":
    main()
