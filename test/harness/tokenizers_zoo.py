# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tokenizers in the configurations of real models, trained by the package `tokenizers` on text that every Python has
and a page of many scripts. Nothing is downloaded."""
import base64
import json
import pydoc_data.topics
import struct

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CL100K = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
            r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
            r"|\s*[\r\n]+|\s+(?!\S)|\s+"]

SCRIPTS = """Ünïcödé naïve café Straße İstanbul ﬁn ŉ ǅ Ångström e\u0301 a\u0323\u0307 ﬀ ½ ² ⅷ
Привет, мир! Съешь ещё этих мягких французских булок, да выпей чаю. ЁЖИК й и\u0306
Καλημέρα κόσμε, ΣΊΣΥΦΟΣ ς ά α\u0301 ᾳ
مرحبا بالعالم، كيف حالك؟ السَّلامُ عَلَيْكُم ١٢٣ لا ﷺ ﷲ
שלום עולם, מה שלומך? שָׁלוֹם
नमस्ते दुनिया, आप कैसे हैं? क्षत्रिय १२३ क्‍ष
สวัสดีชาวโลก สบายดีไหม น้ำ ๑๒๓
你好，世界！今天天气怎么样？我们去公园散步吧。𠀀𪚥 ㍿ ㈱
こんにちは世界。カタカナ ｶﾀｶﾅ ガ が か\u3099 ﾊﾟ
안녕하세요 세계 한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8 ㅎㅏㄴ
👍👍🏽 👩‍👩‍👧‍👦 🇩🇪🇫🇷 🏳️‍🌈 ☺️ 1️⃣ 😀😃 🧑🏿‍🚀
def f(x): return x**2 + 1  # comment\r\n\tif (a != b) { c[i] += 3.14e-10; }\n\n\n   \t  <div class="a">&nbsp;</div>
don't I'll we've they're it's I'M YOU'LL 'S ſ'ſ 1234567 3.14 1,000 2024-01-02T03:04:05Z http://x.y/z?q=1&r=%20 a@b.co
\u00a0\u2003\u3000 \u200b\u200d\ufeff\u2028 \x01\x02\x7f\x85 ​ supercalifragilisticexpialidocious
"""


def corpus():
    text = "\n".join(pydoc_data.topics.topics.values())
    lines = text.split("\n")[:6000] + SCRIPTS.split("\n") * 12
    return [line + "\n" for line in lines]


def byte_level(size=3000, pattern=None, normalizer=None, prefix_space=False, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pattern is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    else:
        patterns = pattern if isinstance(pattern, list) else [pattern]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(p), "isolated") for p in patterns]
            + [pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
                                  special_tokens=["<|endoftext|>"])
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def chat_tokens(tokenizer):
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in ("<|im_start|>", "<|im_end|>", "<|eot_id|>")])
    tokenizer.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("café", single_word=True, normalized=True),
                          AddedToken("<mask>", lstrip=True, normalized=False), AddedToken("<right>", rstrip=True, normalized=False)])
    return tokenizer


def gpt2():
    return chat_tokens(byte_level())


def llama3():
    tokenizer = chat_tokens(byte_level(pattern=GPT4, ignore_merges=True))
    begin = tokenizer.token_to_id("<|im_start|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|im_start|> $A", special_tokens=[("<|im_start|>", begin)])])
    return tokenizer


def qwen2():
    return chat_tokens(byte_level(pattern=QWEN2, normalizer=normalizers.NFC()))


def smollm2():
    tokenizer = byte_level()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return chat_tokens(tokenizer)


def roberta():
    tokenizer = chat_tokens(byte_level(prefix_space=True))
    first, last = tokenizer.token_to_id("<|endoftext|>"), tokenizer.token_to_id("<|im_end|>")
    tokenizer.post_processor = processors.RobertaProcessing(("<|im_end|>", last), ("<|endoftext|>", first))
    return tokenizer


def llama_bpe(normalized, fuse=True, fallback=True):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse, byte_fallback=fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] * fallback
    trainer = trainers.BpeTrainer(vocab_size=2500, special_tokens=tokens, show_progress=False, limit_alphabet=160)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer = Tokenizer.from_str(without_added(tokenizer, 3))
    if normalized:
        tokenizer.pre_tokenizer = None
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                               decoders.Strip(" ", 1, 0)])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def without_added(tokenizer, keep):
    """Byte tokens are tokens of the model only."""
    description = json.loads(tokenizer.to_str())
    description["added_tokens"] = description["added_tokens"][:keep]
    for token in description["added_tokens"]:
        token["normalized"] = False
    return json.dumps(description)


def wordpiece(lower, accents=None):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower, strip_accents=accents)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=2500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
                                        show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.decoder = decoders.WordPiece()
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", first), ("[SEP]", last)])
    return tokenizer


def unigram(normalizer=None, fallback=False, pre_tokenizer=None):
    tokenizer = Tokenizer(models.Unigram())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer or pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=2000, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>",
                                      show_progress=False)
    tokenizer.train_from_iterator(corpus()[::2], trainer)
    tokenizer.decoder = decoders.Metaspace()
    if fallback:
        description = json.loads(tokenizer.to_str())
        vocab = description["model"]["vocab"]
        keep = [entry for entry in vocab if len(entry[0]) > 1 or ord(entry[0]) < 0x250]
        description["model"]["vocab"] = keep + [[f"<0x{byte:02X}>", -9.5] for byte in range(256)]
        description["model"]["byte_fallback"] = True
        tokenizer = Tokenizer.from_str(json.dumps(description))
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def charsmap(rules):
    """SentencePiece's table: a double array in which every key of bytes leads to its text. Each unit has the label it
    was reached by; children of a node are at its offset, xor their label."""
    root = {}
    for key in rules:
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[None] = rules[key]
    units, used, texts, at_text = [0], {0}, bytearray(), {}

    def place(node, at, label):
        children = [byte for byte in node if byte is not None]
        wanted = children + [0] * (None in node)
        offset = 1
        while any(((at ^ offset) ^ byte) in used or ((at ^ offset) ^ byte) == at for byte in wanted):
            offset += 1
        base = at ^ offset
        assert offset < 1 << 21
        units.extend([0] * (max([base ^ byte for byte in wanted], default=0) + 1 - len(units)))
        used.update(base ^ byte for byte in wanted)
        units[at] = offset << 10 | (None in node) << 8 | (label or 0)
        if None in node:
            text = node[None]
            if text not in at_text:
                at_text[text] = len(texts)
                texts.extend(text.encode() + b"\0")
            units[base] = 1 << 31 | at_text[text]
        for byte in children:
            place(node[byte], base ^ byte, byte)

    place(root, 0, None)
    array = struct.pack(f"<{len(units)}I", *units)
    return base64.b64encode(struct.pack("<I", len(array)) + array + bytes(texts)).decode()


def precompiled():
    """In the manner of nmt_nfkc: compatible forms, control characters away, spaces of all kinds alike."""
    import unicodedata
    rules = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in [*range(0xa0, 0x250), *range(0x2000, 0x2100), *range(0x3000, 0x3400),
             *range(0xfb00, 0xfb50), *range(0xff00, 0xffef)] if unicodedata.normalize("NFKC", chr(c)) != chr(c)}
    rules.update({chr(c): " " for c in (9, 10, 13, 0xa0, 0x1680, 0x200b, 0x200e, 0x2028, 0x3000, 0xfeff)})
    rules.update({chr(c): "" for c in (1, 2, 3, 0x7f)})
    rules.update({"e\u0301": "é", "か\u3099": "が", "क्": "k", "👍": "+1"})
    return normalizers.Precompiled(base64.b64decode(charsmap(rules)))


def xlmr():
    tokenizer = unigram(normalizers.Sequence([precompiled(), normalizers.Replace(Regex(" {2,}"), " ")]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def gemma():
    tokenizer = llama_bpe(False)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    return tokenizer


def clip():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True)
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False,
                                  limit_alphabet=150)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.decoder = decoders.BPEDecoder()
    return tokenizer


def prefixed_bpe():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=["<unk>"], continuing_subword_prefix="##", show_progress=False,
                                  limit_alphabet=120)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    return tokenizer


def wordlevel():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"),
                                                       pre_tokenizers.Digits()])
    trainer = trainers.WordLevelTrainer(vocab_size=1000, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


ZOO = {
    "gpt2": gpt2, "llama3": llama3, "qwen2": qwen2, "smollm2": smollm2, "roberta": roberta,
    "cl100k": lambda: byte_level(pattern=CL100K), "o200k": lambda: chat_tokens(byte_level(pattern=O200K)),
    "deepseek": lambda: byte_level(pattern=DEEPSEEK), "llama2": lambda: llama_bpe(True), "mistral": lambda: llama_bpe(False),
    "bpe_unknown": lambda: llama_bpe(True, fuse=False, fallback=False), "bpe_fused": lambda: llama_bpe(False, fuse=True, fallback=False),
    "gemma": gemma, "bert": lambda: wordpiece(True), "bert_cased": lambda: wordpiece(False), "bert_accents": lambda: wordpiece(True, False),
    "t5": unigram, "unigram_bytes": lambda: unigram(fallback=True), "unigram_nmt": lambda: unigram(normalizers.Nmt()), "xlmr": xlmr,
    "clip": clip, "prefixed_bpe": prefixed_bpe, "wordlevel": wordlevel,
}
