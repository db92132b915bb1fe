#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the character tables of lib/Tokenizer: UnicodeTables.inc (the runtime's) and Import/UnicodeSets.inc.

  unicode.py            needs the packages below, none of which the build or the tests need
  unicode.py --check    exit 1 if the files differ from what it would write

The tables have to agree with the package `tokenizers`, whose parts are of different Unicode versions: its regular
expressions (Oniguruma) of 16.0, its normal forms and its BERT predicates of older ones. So categories, scripts, combining
classes and grapheme breaks come from unicodedata2 and regex, and what the package decides in its own code from the package
itself, which is asked for every character. Packages: tokenizers==0.23.3 unicodedata2==16.0.0 regex==2025.9.18"""
import argparse
import sys
from pathlib import Path

import regex
import unicodedata2
from tokenizers import Regex, normalizers, pre_tokenizers

FOLDER = Path(__file__).resolve().parents[2] / "lib" / "Tokenizer"
CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xAC00 + 11172)
BREAKS = ["Other", "Control", "Extend", "ZWJ", "SpacingMark", "Prepend", "Regional_Indicator", "L", "V", "T", "Pictographic",
          "Linker", "Consonant"]
SCRIPTS = ["Arabic", "Cyrillic", "Devanagari", "Greek", "Han", "Hangul", "Hebrew", "Hiragana", "Katakana", "Latin", "Thai"]
CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
              "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co"]
# The conjunct linkers of Unicode 16 (InCB=Linker), which regex does not know as a property.
LINKERS = {0x94D, 0x9CD, 0xACD, 0xB4D, 0xC4D, 0xD4D}
# The consonants of their scripts (InCB=Consonant).
CONSONANTS = [(0x915, 0x939), (0x958, 0x95F), (0x978, 0x97F), (0x995, 0x9A8), (0x9AA, 0x9B0), (0x9B2, 0x9B2), (0x9B6, 0x9B9),
              (0x9DC, 0x9DD), (0x9DF, 0x9DF), (0x9F0, 0x9F1), (0xA95, 0xAA8), (0xAAA, 0xAB0), (0xAB2, 0xAB3), (0xAB5, 0xAB9),
              (0xAF9, 0xAF9), (0xB15, 0xB28), (0xB2A, 0xB30), (0xB32, 0xB33), (0xB35, 0xB39), (0xB5C, 0xB5D), (0xB5F, 0xB5F),
              (0xB71, 0xB71), (0xC15, 0xC28), (0xC2A, 0xC39), (0xC58, 0xC5A), (0xD15, 0xD3A)]


def ranges(of):
    """(first, last, value) of runs of characters for which `of` gives the same value that is not None."""
    found = []
    for c in range(0x110000):
        value = None if 0xD800 <= c < 0xE000 else of(c)
        if value is None:
            continue
        if found and found[-1][1] == c - 1 and found[-1][2] == value:
            found[-1][1] = c
        else:
            found.append([c, c, value])
    return found


def array(name, numbers, kind="uint32_t"):
    lines, line = [], " "
    for number in numbers:
        text = f" {number:#x}," if number > 9 else f" {number},"
        if len(line) + len(text) > 118:
            lines.append(line)
            line = " "
        line += text
    return "\n".join([f"static const {kind} {name}[] = {{", *lines, line, "};", ""])


def char_set(name, members):
    members = set(members)
    return array(name, [n for first, last, _ in ranges(lambda c: True if c in members else None) for n in (first, last)])


def decompositions(name, pool, forms):
    """Rows of code, and place in the pool << 5 | length."""
    rows = []
    for code, form in sorted(forms.items()):
        key = tuple(map(ord, form))
        if key not in pool["at"]:
            pool["at"][key] = len(pool["all"])
            pool["all"] += key
        rows += [code, pool["at"][key] << 5 | len(key)]
    return array(name, rows)


def normal_forms():
    nfd, nfkd, nfc = normalizers.NFD(), normalizers.NFKD(), normalizers.NFC()
    others = [c for c in CHARACTERS if c not in HANGUL]
    canonical = {c: form for c in others if (form := nfd.normalize_str(chr(c))) != chr(c)}
    compatible = {c: form for c in others if (form := nfkd.normalize_str(chr(c))) != canonical.get(c, chr(c))}
    pool = {"at": {}, "all": []}
    text = decompositions("canonicalForms", pool, canonical) + decompositions("compatibleForms", pool, compatible)
    pairs = []
    for c in canonical:
        step = unicodedata2.decomposition(chr(c)).split()
        if len(step) == 2 and nfc.normalize_str(chr(c)) == chr(c):
            pairs.append((int(step[0], 16), int(step[1], 16), c))
    classes = ranges(lambda c: unicodedata2.combining(chr(c)) or None)
    return (text + array("formPool", pool["all"]) + "/// first, second, what they compose to\n"
            + array("compositions", [n for pair in sorted(pairs) for n in pair]) + "/// first, last << 8 | class\n"
            + array("combiningClasses", [n for first, last, value in classes for n in (first, last << 8 | value)]))


def lower_case():
    lower = normalizers.Lowercase()
    pairs = []
    for c in CHARACTERS:
        form = lower.normalize_str(chr(c))
        if form != chr(c) and c != 0x130: # the only one that becomes two characters
            pairs += [c, ord(form)]
    return array("lowerCaseForms", pairs)


def break_of(c):
    if any(first <= c <= last for first, last in CONSONANTS):
        return BREAKS.index("Consonant")
    if c in LINKERS:
        return BREAKS.index("Linker")
    if c in (10, 13):
        return BREAKS.index("Control")
    for kind in BREAKS[1:10]:
        if regex.match(rf"\p{{GCB={kind}}}", chr(c)):
            return BREAKS.index(kind)
    return BREAKS.index("Pictographic") if regex.match(r"\p{Extended_Pictographic}", chr(c)) else None


def grapheme_breaks():
    found = ranges(lambda c: None if c in HANGUL else break_of(c))
    kinds = "enum class Break : uint8_t { " + ", ".join(kind.replace("_", "") for kind in BREAKS) + " };\n"
    return kinds + "/// first, last << 8 | Break; Hangul syllables are computed\n" + array(
        "graphemeBreaks", [n for first, last, value in found for n in (first, last << 8 | value)])


def asked(separator, pieces):
    """The characters that the pre-tokenizer takes for separators or the normalizer takes out."""
    return [c for c in CHARACTERS if pieces(separator, f"a{chr(c)}a")]


def sets():
    bert = lambda **on: normalizers.BertNormalizer(**{**dict.fromkeys(
        ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"), False), **on})
    splits = lambda count: lambda splitter, text: len(splitter.pre_tokenize_str(text)) == count
    removes = lambda normalizer, text: normalizer.normalize_str(text) == "aa"
    word = pre_tokenizers.Split(Regex(r"\w"), "removed", invert=True)
    found = {
        "whiteSpace": asked(pre_tokenizers.WhitespaceSplit(), splits(2)),
        "punctuation": asked(pre_tokenizers.Punctuation(), splits(3)),
        "numeric": asked(pre_tokenizers.Digits(individual_digits=True), splits(3)),
        "bertControl": asked(bert(clean_text=True), removes),
        "bertAccent": asked(bert(strip_accents=True), removes),
        "combiningMark": asked(normalizers.StripAccents(), removes),
        "wordOfWhitespace": asked(pre_tokenizers.Whitespace(), splits(1)),
        "wordOfPattern": asked(word, splits(3)),
    }
    return "".join(char_set(name, members) for name, members in found.items())


def categories():
    names = ", ".join(f'"{name}"' for name in CATEGORIES)
    found = ranges(lambda c: CATEGORIES.index(k) if (k := unicodedata2.category(chr(c))) in CATEGORIES else None)
    return f"static const char *const categoryNames[] = {{{names}}};\n" + "/// first, last << 8 | place in categoryNames\n" + array(
        "categories", [n for first, last, value in found for n in (first, last << 8 | value)])


def scripts():
    text = "".join(char_set(f"script{name}", [c for c in CHARACTERS if regex.match(rf"\p{{Script={name}}}", chr(c))])
                   for name in SCRIPTS)
    rows = "".join(f'    {{"{name}", script{name}, std::size(script{name})}},\n' for name in SCRIPTS)
    return text + ("struct Script {\n  const char *name;\n  const uint32_t *bounds;\n  size_t count;\n};\n"
                   f"static const Script scripts[] = {{\n{rows}}};\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    head = ("// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
            f"// Written by tools/dev/unicode.py: Unicode {unicodedata2.unidata_version}, and the package tokenizers.\n")
    differ = 0
    for name, text in (("UnicodeTables.inc", normal_forms() + lower_case() + grapheme_breaks()),
                       ("Import/UnicodeSets.inc", categories() + sets() + scripts())):
        path = FOLDER / name
        if args.check:
            differ += not path.exists() or path.read_text() != head + text
        else:
            path.write_text(head + text)
    print(f"unicode: {2 - differ} passed, {differ} failed")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
