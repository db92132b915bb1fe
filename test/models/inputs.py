# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Input sets of the real models: several sizes and batches each, the same on every run.

A case is a list of steps, each the inputs of one run. `Carry(output)` stands for an output
of the step before, so that state and caches travel as in real use."""
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

import ocr   # of docs/examples
import picture


@dataclass(frozen=True)
class Carry:
    output: str


@dataclass
class Case:
    name: str
    steps: list
    # Shown by the speed table; it times the last step, with the state of those before it.
    timed: bool = field(default=False)


def _rng(name):
    return np.random.default_rng(crc32(name.encode()))


def _image(name, *shape, low=-1.0, high=1.0):
    """Smooth values with some noise, as pictures have, in [low, high]."""
    rng = _rng(name)
    waves = [np.sin(np.linspace(0, 3 + i, size) + rng.random()) for i, size in enumerate(shape)]
    field_ = waves[0]
    for wave in waves[1:]:
        field_ = field_[..., None] * wave
    noisy = 0.7 * field_ + 0.3 * rng.uniform(-1, 1, shape)
    return (low + (noisy + 1) / 2 * (high - low)).astype(np.float32)


def open_nsfw():
    for batch in (1, 2):
        shape = (batch, 224, 224, 3)
        yield Case("x".join(map(str, shape)), [{"input_0": _image(f"nsfw{batch}", *shape, low=-120, high=130)}],
                   timed=batch == 1)


TEXTS = ("optc compiles models", "Hello, World 2024", "ONNX to one file", "quick brown fox", "line 5: 3.1415", "the end")


def _page(width, height, shift):
    rows = range(0, height - 50, 70)
    return picture.draw(width, height, [(12 + 9 * ((i + shift) % 4), 14 + y, 24 + 4 * (i % 3), TEXTS[(i + shift) % 6])
                                        for i, y in enumerate(rows)])


def _text(sizes, timed, make):
    """Pictures of text: make(width, height, index within the batch)."""
    for batch, height, width in sizes:
        x = np.concatenate([ocr.normalize(make(width, height, i), *ocr.PLAIN) for i in range(batch)])
        yield Case("x".join(map(str, x.shape)), [{"x": x}], timed=(batch, height, width) == timed)


def ocr_det():
    return _text([(1, 320, 320), (1, 640, 640), (1, 480, 736), (2, 320, 320)], (1, 640, 640), _page)


def _line(width, height, index):
    return picture.line(width, height, TEXTS[index])


def ocr_rec():
    return _text([(1, 48, 160), (1, 48, 320), (1, 48, 500), (6, 48, 320)], (1, 48, 320), _line)


def ocr_cls():
    return _text([(1, 48, 192), (4, 48, 192)], (1, 48, 192), _line)


def _sound(name, batch, samples, rate):
    """A voiced sound: a tone with overtones that swells, in noise."""
    rng = _rng(name)
    time = np.arange(samples) / rate
    tone = sum(np.sin(2 * np.pi * 140 * k * time + rng.random()) / k for k in range(1, 8))
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * time)
    sound = 0.2 * tone * swell + 0.02 * rng.standard_normal((batch, samples))
    return sound.astype(np.float32)


def _chunks(rate, batch, count, with_rate):
    """`count` chunks of 32 ms behind 4 ms of context, the state going from one to the next."""
    chunk, context = rate // 1000 * 32, rate // 1000 * 4
    sound = _sound(f"{rate} {batch}", batch, context + chunk * count, rate)
    steps = []
    for i in range(count):
        step = {"input": sound[:, i * chunk:(i + 1) * chunk + context],
                "state": Carry("stateN") if i else np.zeros((2, batch, 128), np.float32)}
        if with_rate:
            step["sr"] = np.array(rate, np.int64)
        steps.append(step)
    return steps


def silero(rates, batches, with_rate):
    for rate in rates:
        for batch in batches:
            yield Case(f"{rate // 1000} kHz batch {batch}, 6 chunks", _chunks(rate, batch, 6, with_rate),
                       timed=rate == 16000 and batch == 1)


def silero_sequence():
    for length in (1, 9, 31):
        zero = np.zeros((1, 1, 128), np.float32)
        sound = _sound(f"sequence {length}", length, 576, 16000)
        steps = [{"input": sound, "h": zero, "c": zero}, {"input": sound[::-1].copy(), "h": Carry("hn"), "c": Carry("cn")}]
        yield Case(f"{length} frames, 2 runs", steps, timed=length == 1)


def minilm_step(batch, sequence):
    rng = _rng(f"minilm {batch} {sequence}")
    mask = np.ones((batch, sequence), np.int64)
    for row in range(1, batch):   # shorter sentences are padded at the end
        mask[row, sequence - int(rng.integers(0, sequence // 2)):] = 0
    return {"input_ids": rng.integers(1000, 20000, (batch, sequence)), "attention_mask": mask,
            "token_type_ids": np.zeros((batch, sequence), np.int64)}


def minilm():
    for batch, sequence in ((1, 16), (1, 128), (4, 33), (8, 128)):
        yield Case(f"{batch}x{sequence}", [minilm_step(batch, sequence)], timed=(batch, sequence) == (1, 128))


LAYERS, KV_HEADS, HEAD = 30, 3, 64


def _decoder_step(ids, length, padding, first):
    """Inputs of one decoder step of `ids` after `length` cached places; `padding[row]` of
    each row's first places are padding."""
    batch, sequence = ids.shape
    padding = np.asarray(padding)[:, None]
    mask = np.arange(length + sequence)[None, :] >= padding
    places = np.maximum(np.arange(length, length + sequence)[None, :] - padding, 0)
    step = {"input_ids": ids, "attention_mask": mask.astype(np.int64), "position_ids": places.astype(np.int64)}
    for layer in range(LAYERS):
        for kind in ("key", "value"):
            empty = np.zeros((batch, KV_HEADS, 0, HEAD), np.float32)
            step[f"past_key_values.{layer}.{kind}"] = empty if first else Carry(f"present.{layer}.{kind}")
    return step


def smollm2_prefill(prompt):
    """The inputs of the first step of one row."""
    ids = _rng(f"smollm2 prefill {prompt}").integers(100, 40000, (1, prompt))
    return _decoder_step(ids, 0, [0], True)


def smollm2():
    for batch, prompt, decode, timed in ((1, 7, 3, False), (1, 32, 2, True), (2, 12, 2, False)):
        rng = _rng(f"smollm2 {batch} {prompt}")
        padding = [0] + [5] * (batch - 1)
        draw = lambda n: rng.integers(100, 40000, (batch, n))
        steps = [_decoder_step(draw(prompt), 0, padding, True)]
        steps += [_decoder_step(draw(1), prompt + i, padding, False) for i in range(decode)]
        yield Case(f"batch {batch}: prefill {prompt}, {decode} decode", steps, timed=timed)
        if timed:
            yield Case(f"prefill {prompt}", steps[:1], timed=True)


CASES = {
    "open_nsfw": open_nsfw, "ocr_det": ocr_det, "ocr_rec": ocr_rec, "ocr_cls": ocr_cls,
    "silero_vad": lambda: silero((16000, 8000), (1, 3), True),
    "silero_vad_16k_op15": lambda: silero((16000,), (1, 3), True),
    "silero_vad_16k_sequence": silero_sequence,
    "silero_vad_half": lambda: silero((16000,), (1, 3), False),
    "silero_vad_op18_ifless": lambda: silero((16000, 8000), (1, 3), True),
    "silero_vad_openvino_16k": lambda: silero((16000,), (1,), False),
    "minilm": minilm, "smollm2_op17": smollm2, "smollm2_op23": smollm2,
}


def cases(model_name):
    return list(CASES[model_name]())
