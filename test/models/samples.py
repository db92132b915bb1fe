# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Many inputs of the real models that are like real ones, for calibration and for judging what is quantized: one array per
input, its rows the samples."""
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import ocr   # of docs/examples

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.:-%&?"


def _words(rng):
    lengths = rng.integers(2, 9, rng.integers(1, 4))
    return " ".join("".join(rng.choice(list(LETTERS), n)) for n in lengths)


def _tone(rng, low, high):
    return tuple(int(c) for c in rng.integers(low, high, 3))


def _line(rng, width, height):
    """A line of text in some colour, a little blurred, noisy and askew."""
    dark = rng.random() < 0.7
    page = Image.new("RGB", (width, height), _tone(rng, 180, 256) if dark else _tone(rng, 0, 70))
    size = int(height * rng.uniform(0.45, 0.7))
    ImageDraw.Draw(page).text((rng.integers(2, 12), rng.uniform(0.02, 0.25) * height), _words(rng),
                              fill=_tone(rng, 0, 90) if dark else _tone(rng, 170, 256), font=ImageFont.load_default(size))
    page = page.rotate(rng.uniform(-1.5, 1.5), fillcolor=page.getpixel((0, 0)))
    if rng.random() < 0.4:
        page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0)))
    noisy = np.asarray(page, np.float32) + rng.normal(0, rng.uniform(0, 8), (height, width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def scene(rng, size):
    """Shapes in front of a gradient, as pictures are."""
    corners = rng.uniform(0, 255, (2, 2, 3)).astype(np.uint8)
    page = Image.fromarray(corners).resize((size, size), Image.BICUBIC)
    pen = ImageDraw.Draw(page)
    for _ in range(rng.integers(2, 12)):
        x, y, w, h = (int(v) for v in rng.integers(0, size, 4))
        draw = pen.ellipse if rng.random() < 0.6 else pen.rectangle
        draw((x, y, x + w // 2, y + h // 2), fill=_tone(rng, 0, 256))
    if rng.random() < 0.3:
        pen.text((10, size // 2), _words(rng), fill=_tone(rng, 0, 256), font=ImageFont.load_default(24))
    return np.asarray(page.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5))), np.float32)


def ocr_cls(rng, count):
    lines = [_line(rng, 192, 48) for _ in range(count)]
    turned = [line.rotate(180) if rng.random() < 0.5 else line for line in lines]
    return {"x": np.concatenate([ocr.normalize(line, *ocr.PLAIN) for line in turned])}


def ocr_rec(rng, count):
    return {"x": np.concatenate([ocr.normalize(_line(rng, 320, 48), *ocr.PLAIN) for _ in range(count)])}


def ocr_det(rng, count):
    pages = []
    for _ in range(count):
        page = Image.fromarray(scene(rng, 320).astype(np.uint8))
        for y in range(10, 270, int(rng.integers(45, 110))):
            page.paste(_line(rng, int(rng.integers(120, 300)), int(rng.integers(28, 44))), (int(rng.integers(0, 40)), y))
        pages.append(ocr.normalize(page, *ocr.PLAIN))
    return {"x": np.concatenate(pages)}


def open_nsfw(rng, count):
    blue_first = np.stack([scene(rng, 224)[:, :, ::-1] for _ in range(count)])
    return {"input_0": np.ascontiguousarray(blue_first - np.array((104, 117, 123), np.float32), np.float32)}


def minilm(rng, count, length=32):
    """Sentences of tokens, the frequent ones (which have small numbers) more often."""
    ranks = np.minimum(rng.zipf(1.2, (count, length)), 25000)
    ids = 1996 + ranks
    ids[:, 0], ids[:, -1] = 101, 102
    ones = np.ones((count, length), np.int64)
    return {"input_ids": ids.astype(np.int64), "attention_mask": ones, "token_type_ids": 0 * ones}


def samples(name, count, seed=0):
    """`count` samples of a model of the catalog; those of another seed are others."""
    return globals()[name](np.random.default_rng([seed, count]), count)
