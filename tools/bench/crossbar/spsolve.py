# One input of a crossbar with wires by scipy.sparse.linalg.spsolve (SuperLU, its default ordering), which is how
# badcrossbar solves it; the equations assembled as arrays, without loops.
# Arguments: a file of float64: lines, word, bit, driver, sense resistance, conductances by rows, input voltages; a file
# for the currents. stdout: processor seconds of assembly and solution, best of several.
# SPDX-License-Identifier: Apache-2.0
import sys
import time

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve


def currents(devices, volts, word, bit, driver, sense):
    lines = len(volts)
    w = np.arange(lines * lines).reshape(lines, lines)
    b = w + lines * lines
    a = np.concatenate((w.ravel(), w[:, :-1].ravel(), b[:-1].ravel()))
    c = np.concatenate((b.ravel(), w[:, 1:].ravel(), b[1:].ravel()))
    between = lines * (lines - 1)
    g = np.concatenate((devices.ravel(), np.full(between, 1 / word), np.full(between, 1 / bit)))
    entry, exit_ = 1 / (driver + word), 1 / (sense + bit)
    ends = np.concatenate((w[:, 0], b[-1]))
    grounded = np.repeat((entry, exit_), lines)
    matrix = coo_matrix(
        (np.concatenate((g, g, -g, -g, grounded)), (np.concatenate((a, c, a, c, ends)), np.concatenate((a, c, c, a, ends))))
    )
    right = np.zeros(2 * lines * lines)
    right[w[:, 0]] = entry * volts
    return exit_ * spsolve(matrix.tocsc(), right)[b[-1]]


numbers = np.fromfile(sys.argv[1])
lines = int(numbers[0])
word, bit, driver, sense = numbers[1:5]
devices = numbers[5 : 5 + lines * lines].reshape(lines, lines)
volts = numbers[5 + lines * lines :]
best = np.inf
for _ in range(3 if lines <= 128 else 1):
    begin = time.process_time()
    result = currents(devices, volts, word, bit, driver, sense)
    best = min(best, time.process_time() - begin)
result.tofile(sys.argv[2])
print(best)
