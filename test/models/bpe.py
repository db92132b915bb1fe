# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A byte-level BPE tokenizer (GPT-2 family) over the vocabulary a GGUF file carries."""
import re

# Words with their leading space, single digits, runs of other signs, runs of spaces.
PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_alphabet():
    """GPT-2's printable character for each byte value."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


class Tokenizer:
    def __init__(self, reader):
        self.tokens = reader.fields["tokenizer.ggml.tokens"].contents()
        merges = reader.fields["tokenizer.ggml.merges"].contents()
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.ranks = {tuple(merge.split(" ")): i for i, merge in enumerate(merges)}
        self.alphabet = byte_alphabet()
        self.bytes = {c: b for b, c in self.alphabet.items()}

    def encode(self, text):
        return [self.ids[part] for piece in PIECES.findall(text) for part in self.merge(piece)]

    def merge(self, piece):
        parts = [self.alphabet[b] for b in piece.encode()]
        while len(parts) > 1:
            ranked = [(self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:]))]
            rank, i = min(ranked)
            if rank == 1 << 30:
                break
            parts[i:i + 2] = [parts[i] + parts[i + 1]]
        return parts

    def decode(self, ids):
        return bytes(self.bytes[c] for i in ids for c in self.tokens[i]).decode(errors="replace")
