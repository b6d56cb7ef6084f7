"""Token ids as Python has them, for token-ids.ts to compare.

    python bench/parity/token_ids.py TEXTS OUT FOLDER... [--learn]

TEXTS is a JSON file {"passages": [...], "hostile": [...]}. A FOLDER holds tokenizer.json, or the vocabulary and merges
of a byte-level BPE, of which transformers makes one. With --learn there is one more: a Unigram as XLM-RoBERTa's, which
sentencepiece learns from the passages (pip install sentencepiece protobuf). OUT/ids.json has of each tokenizer the place of its
tokenizer.json and two lists of ids, nothing added around a text: `read` as transformers gives them, special tokens read
where they are spelt, and `spelt`, where the library is told to take these for letters.
"""

import json
import pathlib
import sys

import tokenizers
import transformers
from transformers import AutoTokenizer, RobertaTokenizer

PIECES = 2000


def tokenizer_of(folder, out):
    """Of a folder: transformers' tokenizer, and where its tokenizer.json lies."""
    if (folder / "tokenizer.json").exists():
        return AutoTokenizer.from_pretrained(folder), folder / "tokenizer.json"
    vocabulary = next((folder / name for name in ("vocab.json", "encoder.json") if (folder / name).exists()), None)
    merges = next((folder / name for name in ("merges.txt", "vocab.bpe") if (folder / name).exists()), None)
    if vocabulary is None or merges is None:
        sys.exit(f"{folder} holds no tokenizer.json and no vocab.json with merges.txt")
    pairs = [tuple(line.split(" ")) for line in merges.read_text().splitlines() if line and not line.startswith("#version")]
    tokenizer = RobertaTokenizer(vocab=json.loads(vocabulary.read_text()), merges=pairs)
    return saved(tokenizer, out / folder.name)


def saved(tokenizer, folder):
    tokenizer.save_pretrained(folder)
    return tokenizer, folder / "tokenizer.json"


def learnt(passages, out):
    """XLM-RoBERTa's kind, its table of normalisation included."""
    from sentencepiece import SentencePieceTrainer

    folder = out / "learnt"
    folder.mkdir()
    SentencePieceTrainer.train(
        sentence_iterator=iter(passages), model_prefix=str(folder / "sentencepiece.bpe"), vocab_size=PIECES,
        hard_vocab_limit=False, model_type="unigram", normalization_rule_name="nmt_nfkc", minloglevel=2,
    )
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "XLMRobertaTokenizer"}))
    return saved(AutoTokenizer.from_pretrained(folder), out / "learnt-saved")


def ids_of(tokenizer, path, texts):
    letters = tokenizers.Tokenizer.from_file(str(path))
    letters.no_truncation()
    letters.no_padding()
    letters.encode_special_tokens = True
    return {
        "json": str(path.resolve()),
        "read": {
            kind: [tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"] for text in some]
            for kind, some in texts.items()
        },
        "spelt": {
            kind: [letters.encode(text, add_special_tokens=False).ids for text in some] for kind, some in texts.items()
        },
    }


def main():
    texts, out, *folders = (pathlib.Path(name) for name in sys.argv[1:] if name != "--learn")
    texts = json.loads(texts.read_text())
    result = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "of": [], "left_out": []}
    for folder in folders:
        result["of"].append({"name": folder.resolve().name} | ids_of(*tokenizer_of(folder, out), texts))
    if texts["passages"] and "--learn" in sys.argv:
        try:
            name = "XLM-RoBERTa's kind, learnt from the passages"
            result["of"].append({"name": name} | ids_of(*learnt(texts["passages"], out), texts))
        except ImportError as error:
            result["left_out"].append(f"{name}: {error}; pip install sentencepiece protobuf")
    (out / "ids.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
