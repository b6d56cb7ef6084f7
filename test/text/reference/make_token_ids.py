"""Writes token-ids.json: small tokenizers of each kind, and the ids that Python's library has for hostile texts.

    pip install torch transformers
    PYTHONPATH=bench/parity python test/text/reference/make_token_ids.py > test/text/reference/token-ids.json

A text is a list of [piece, times]; its ids are runs, [id, times]. Special tokens are taken for letters (`spelt`); where
a text of Unigram spells one of its pieces, the library reads it all the same, and `spelt` is null.
"""

import itertools
import json
import sys

import tokenizers
from small_tokenizers import byte_level, unigram, word_piece

TEXTS = [
    [["", 1]],
    [["the food was unable", 1]],
    [["x", 10000]],
    [["é", 60], [" the", 2]],
    [[" ", 500], ["the", 1], [" ", 500]],
    [["tab\there\r\nnew\u0085line\u2028x", 1]],
    [["nul\u0000in\u0000side \u0001\u001b[31m\u007f", 1]],
    [["\ufeffthe \u200bfood\ufeff was\u00ad", 1]],
    [["family 👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 👋🏽 1️⃣", 1]],
    [["שָׁלוֹם \u202eright to left\u202c مَرْحَبًا", 1]],
    [["e", 1], ["\u0301", 300], [" n\u0303 É \u0130 ß ﬁ ㎏", 1]],
    [["日本語とthe食べ物。ไทย 한국어", 1]],
    [["\U0010ffff\ue000\uffff\ufdd0\ufffd", 1]],
    [["[MASK] [CLS]a[SEP][PAD][UNK] ##s", 1]],
    [["<mask> <s>a</s><pad><unk> ▁the", 1]],
    [["the foods' ", 40]],
]


def runs(ids):
    return [[key, len(list(group))] for key, group in itertools.groupby(ids)]


def of(tokenizer, kind):
    backend = tokenizer.backend_tokenizer
    backend.encode_special_tokens = True
    special = tokenizer.all_special_tokens
    texts = ["".join(piece * times for piece, times in text) for text in TEXTS]
    skipped = [kind == "Unigram" and any(token in text for token in special) for text in texts]
    spelt = [
        None if skip else runs(backend.encode(text, add_special_tokens=False).ids)
        for text, skip in zip(texts, skipped, strict=True)
    ]
    return {"file": json.loads(backend.to_str()), "spelt": spelt}


json.dump(
    {
        "tokenizers": tokenizers.__version__,
        "texts": TEXTS,
        "kinds": {kind: of(make(), kind) for kind, make in (("WordPiece", word_piece), ("Unigram", unigram), ("BPE", byte_level))},
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
