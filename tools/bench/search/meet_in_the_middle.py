# The closest subset sum by sorted half lists, as one would write it in NumPy.
# stdin: a line for each question, the target and then the items. stdout: processor seconds (best of several) and mask.
# SPDX-License-Identifier: Apache-2.0
import sys
import time

import numpy as np


def all_sums(items):
    sums = np.zeros(1)
    for item in items:
        sums = np.concatenate((sums, sums + item))
    return sums


def closest(items, target):
    split = len(items) // 2
    low = all_sums(items[:split])
    high = all_sums(items[split:])
    order = np.argsort(high)
    ranked = high[order]
    above = np.searchsorted(ranked, target - low)
    best_error, best = np.inf, 0
    for places in (np.minimum(above, len(ranked) - 1), np.maximum(above - 1, 0)):
        errors = np.abs(low + ranked[places] - target)
        k = int(np.argmin(errors))
        if errors[k] < best_error:
            best_error, best = errors[k], k | int(order[places[k]]) << split
    return best


for line in sys.stdin:
    numbers = np.array(line.split(), dtype=float)
    best_time, mask = np.inf, 0
    for _ in range(5 if len(numbers) <= 33 else 1):
        begin = time.thread_time()
        mask = closest(numbers[1:], numbers[0])
        best_time = min(best_time, time.thread_time() - begin)
    print(best_time, mask)
