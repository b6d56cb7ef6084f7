"""River's drift detectors and ruptures on the streams of this benchmark: baselines.py JOB, with `pip install river ruptures`.

JOB is JSON: {"stream": path, "methods": [{"name", "kind", ...settings}]}. A stream is a little-endian file: uint32
passages n, uint32 entries m, uint32[n + 1] where each passage's entries begin, float32[m] values, uint16[m] buckets.
Prints one line of JSON per method: {"method", "found": [[at, detectedAt]], "seconds"}.

Online detectors read one number per passage: the cosine between its weighted features and their mean over the open
domain so far, averaged over `block` passages. At an alarm the boundary is the split of the last 300 passages' numbers
with the largest difference of means, and the mean and the detector begin anew behind it.
"""
import json
import sys
import time

import numpy as np
import ruptures
from river import drift

LOOK_BACK = 300
BUCKETS = 1024


def read(path):
    data = np.fromfile(path, dtype=np.uint8)
    n, m = (int(x) for x in data[:8].view("<u4"))
    starts = data[8 : 12 + 4 * n].view("<u4").astype(int)
    rest = data[12 + 4 * n :]
    return starts, rest[4 * m : 6 * m].view("<u2").astype(int), rest[: 4 * m].view("<f4").astype(float)


def detector(kind, settings):
    if kind == "adwin":
        return drift.ADWIN(delta=settings["delta"], clock=1, grace_period=10, min_window_length=5)
    if kind == "kswin":
        return drift.KSWIN(
            alpha=settings["alpha"], window_size=settings["window"], stat_size=settings["recent"], seed=1
        )
    return drift.PageHinkley(
        min_instances=10, delta=settings["delta"], threshold=settings["threshold"], alpha=1.0, mode="both"
    )


class Domain:
    """The open domain: sums of its passages' features, and in how many passages a bucket is."""

    def __init__(self):
        self.sum = np.zeros(BUCKETS)
        self.frequency = np.zeros(BUCKETS)
        self.weights = np.ones(BUCKETS)
        self.count = self.weighted_at = 0

    def add(self, buckets, values):
        self.sum[buckets] += values
        self.frequency[buckets] += 1
        self.count += 1
        if self.count >= 1.2 * self.weighted_at:
            part = (self.frequency + 4) / (self.count + 4)
            self.weights = np.maximum(0, -np.log(part + 0.01)) ** 2
            self.length = np.sqrt(np.dot(self.weights, self.sum**2)) or 1.0
            self.weighted_at = self.count

    def cosine(self, buckets, values):
        weights = self.weights[buckets]
        own = np.sqrt(np.dot(weights, values**2)) or 1.0
        scale = self.length * self.count / self.weighted_at
        return float(np.dot(weights * values, self.sum[buckets]) / own / scale)


def split(numbers):
    """Index at which the numbers part best into two of different mean."""
    sums = np.cumsum(numbers)
    left = np.arange(1, len(numbers))
    right = len(numbers) - left
    means = sums[:-1] / left - (sums[-1] - sums[:-1]) / right
    return int(np.argmax(left * right * means**2)) + 1


def online(stream, kind, settings):
    starts, buckets, values = stream
    warm, block = settings["warm"], settings["block"]
    features = [(buckets[a:b], values[a:b]) for a, b in zip(starts[:-1], starts[1:])]
    found = []
    domain, reader, numbers = Domain(), detector(kind, settings), []
    for t, passage in enumerate(features):
        if domain.count >= warm:
            numbers.append(domain.cosine(*passage))
        domain.add(*passage)
        if not numbers or len(numbers) % block != 0:
            continue
        reader.update(float(np.mean(numbers[-block:])))
        if not reader.drift_detected or len(numbers) < 2:
            continue
        recent = numbers[-LOOK_BACK:]
        first = t + 1 - len(recent) + split(recent)
        found.append([first, t])
        domain, reader, numbers = Domain(), detector(kind, settings), []
        for behind in features[first : t + 1]:
            domain.add(*behind)
    return found


def offline(stream, settings):
    """KernelCPD (PELT) on the means of blocks of passages, weighted by the whole stream's document frequencies, in
    the largest principal directions, each in units of its noise (from differences of neighbouring blocks)."""
    starts, buckets, values = stream
    block, n = settings["block"], len(starts) - 1
    part = np.bincount(buckets, minlength=BUCKETS) / n
    weights = np.maximum(0, -np.log(part + 0.01))
    passage = np.repeat(np.arange(n), np.diff(starts))
    blocks = np.zeros((n // block, BUCKETS))
    whole = passage // block < len(blocks)
    np.add.at(blocks, (passage[whole] // block, buckets[whole]), (values * weights[buckets])[whole] / block)
    blocks -= blocks.mean(axis=0)
    _, vectors = np.linalg.eigh(blocks.T @ blocks)
    reduced = blocks @ vectors[:, -settings["directions"] :]
    reduced /= np.sqrt(np.mean(np.diff(reduced, axis=0) ** 2, axis=0) / 2) + 1e-12
    if settings["kernel"] == "linear":
        penalty = settings["penalty"] * settings["directions"] * np.log(len(reduced))
        search = ruptures.KernelCPD(kernel="linear", min_size=settings["least"])
    else:
        rows = reduced[np.random.default_rng(1).choice(len(reduced), min(500, len(reduced)), replace=False)]
        distances = ((rows[:, None] - rows[None]) ** 2).sum(-1)
        gamma = 1 / np.median(distances[distances > 0])
        penalty = settings["penalty"] * np.log(len(reduced))
        search = ruptures.KernelCPD(kernel="rbf", min_size=settings["least"], params={"gamma": gamma})
    ends = search.fit(reduced).predict(pen=penalty)[:-1]
    return [[int(end) * block, n - 1] for end in ends]


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        job = json.load(file)
    stream = read(job["stream"])
    for method in job["methods"]:
        began = time.process_time()
        found = offline(stream, method) if method["kind"] == "kernel" else online(stream, method["kind"], method)
        seconds = time.process_time() - began
        print(json.dumps({"method": method["name"], "found": found, "seconds": seconds}), flush=True)


main()
