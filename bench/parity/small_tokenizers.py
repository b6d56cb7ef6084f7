"""Small tokenizers of the three kinds that the families have, made by transformers' own classes."""

from tokenizers.pre_tokenizers import ByteLevel
from transformers import BertTokenizer, RobertaTokenizer, XLMRobertaTokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MERGES = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("o", "o"), ("Ġ", "f"), ("Ġf", "oo"), ("Ġfoo", "d"), ("x", "x")]


def word_piece():
    """BERT's and DistilBERT's: [PAD] is 0, pieces inside a word begin with ##."""
    words = ["the", "food", "was", "mask", "un", "##able", "##ing", "##s", "日", "é", "[", "]", "<", ">", ".", "'"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *LETTERS, *("##" + letter for letter in LETTERS)]
    return BertTokenizer(vocab={token: index for index, token in enumerate(tokens)})


def unigram():
    """XLM-RoBERTa's: pieces with scores, the special tokens among them, the mask last."""
    pieces = [("▁the", -2.0), ("▁food", -3.0), ("▁", -3.5), ("▁mask", -4.0), ("s", -4.0), ("ing", -4.5), ("日本", -5.0)]
    others = [(letter, -6.0 - 0.01 * index) for index, letter in enumerate(LETTERS + "<>[]/.'") if letter != "s"]
    special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    return XLMRobertaTokenizer(vocab=[*special, *pieces, *others, ("<mask>", 0.0)])


def byte_level():
    """RoBERTa's: every byte is a letter, pairs of tokens are merged in order."""
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet()), *map("".join, MERGES), "<mask>"]
    return RobertaTokenizer(vocab={token: index for index, token in enumerate(tokens)}, merges=MERGES)
