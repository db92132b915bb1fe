# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws text into pictures, with the font inside Pillow."""
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

