# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads the text of a picture with three PP-OCR models: find the lines, turn those that are
upside down, recognize them. Plain numpy around whatever runs the models.

    reader = Reader(detect, classify, recognize, keys)   # each: array in, array out
    for line in reader.read(page): print(line.text, line.confidence, line.box)
"""
from dataclasses import dataclass

import numpy as np
from PIL import Image

THRESHOLD, BOX_SCORE, GROWTH = 0.3, 0.5, 1.6   # of the differentiable-binarization detector
HEIGHT, CLASSIFY_WIDTH, TURN_SCORE = 48, 192, 0.9
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PLAIN = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)


@dataclass
class Line:
    box: tuple          # left, top, right, bottom, in pixels
    text: str
    confidence: float


def normalize(page, mean, scale):
    """[height][width][3] bytes -> [1][3][height][width] float32, blue first, as the models want."""
    pixels = (np.asarray(page, np.float32)[:, :, ::-1] / 255 - np.array(mean)) / np.array(scale)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32)


def components(mask):
    """Connected regions of a mask, as arrays of (row, column)."""
    left = mask.copy()
    for start in zip(*np.nonzero(mask)):
        if not left[start]:
            continue
        left[start] = False
        region, edge = [], [start]
        while edge:
            row, column = edge.pop()
            region.append((row, column))
            for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1] and left[near]:
                    left[near] = False
                    edge.append(near)
        yield np.array(region)


def boxes(probability):
    """Upright boxes of the text lines in the detector's map, grown back to the letters' size
    (the detector is trained on shrunk regions), from top to bottom."""
    found = []
    for region in components(probability > THRESHOLD):
        (top, left), (bottom, right) = region.min(0), region.max(0) + 1
        if min(bottom - top, right - left) < 3 or probability[top:bottom, left:right].mean() < BOX_SCORE:
            continue
        grow = (bottom - top) * (right - left) * GROWTH / (2 * (bottom - top + right - left))
        found.append((max(0, int(left - grow)), max(0, int(top - grow)),
                      min(probability.shape[1], int(right + grow) + 1), min(probability.shape[0], int(bottom + grow) + 1)))
    return sorted(found, key=lambda box: (box[1], box[0]))


def decode(probability, keys):
    """CTC: the best key of each step, repeats merged, blanks (key 0) dropped."""
    best = probability.argmax(-1)
    keep = (best != 0) & (best != np.concatenate([[-1], best[:-1]]))
    text = "".join(keys[i] for i in best[keep])
    return text, float(probability.max(-1)[keep].mean()) if keep.any() else 0.0


def keys_of(metadata):
    """The recognizer's alphabet: blank, what its metadata lists, and the space."""
    return ["", *metadata.split("\n"), " "]


class Reader:
    def __init__(self, detect, classify, recognize, keys):
        self.detect, self.classify, self.recognize, self.keys = detect, classify, recognize, keys

    def read(self, page):
        width, height = (size // 32 * 32 for size in page.size)
        page = page.resize((width, height))
        probability = self.detect(normalize(page, *IMAGENET))[0, 0]
        return [self.read_line(page.crop(box), box) for box in boxes(probability)]

    def read_line(self, crop, box):
        strip = crop.resize((max(16, round(crop.width * HEIGHT / crop.height)), HEIGHT), Image.BILINEAR)
        if self.is_upside_down(strip):
            strip = strip.rotate(180)
        probability = self.recognize(normalize(strip, *PLAIN))[0]
        text, confidence = decode(probability, self.keys)
        return Line(box, text, confidence)

    def is_upside_down(self, strip):
        """The classifier sees the first 192 columns, padded with zeros."""
        seen = normalize(strip.crop((0, 0, min(strip.width, CLASSIFY_WIDTH), HEIGHT)), *PLAIN)
        padded = np.zeros((1, 3, HEIGHT, CLASSIFY_WIDTH), np.float32)
        padded[..., :seen.shape[3]] = seen
        return self.classify(padded)[0, 1] > TURN_SCORE
