"""Draws text into pictures, with the font inside Pillow, and turns them into model inputs."""
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK = (246, 244, 238), (25, 30, 60)


def draw(width, height, lines):
    """A page of (x, y, size, text) lines."""
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    for x, y, size, text in lines:
        pen.text((x, y), text, fill=INK, font=ImageFont.load_default(size))
    return page


def line(width, height, text):
    """One line of text that fills the picture's height."""
    return draw(width, height, [(6, height * 0.1, int(height * 0.62), text)])


def normalize(page, mean=(0.5, 0.5, 0.5), scale=(0.5, 0.5, 0.5)):
    """[height][width][3] bytes -> [1][3][height][width] float, per channel (x - mean) / scale.
    Channels go in the order blue, green, red, which the PP-OCR models were trained with."""
    pixels = np.asarray(page, np.float32)[:, :, ::-1] / 255
    pixels = (pixels - np.array(mean, np.float32)) / np.array(scale, np.float32)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32)
