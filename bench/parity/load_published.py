"""Loads a published revision in Python and compares it with its ONNX models.

    pip install torch transformers safetensors onnxruntime
    python bench/parity/load_published.py FOLDER… [--text "The food was <mask>."]

FOLDER is one revision of any family as a folder (what `cpt export` writes). Checked: AutoModelForMaskedLM (logits) and
AutoModel (last hidden state) against onnx/model.onnx and onnx/model_quantized.onnx, that no weight was missing, and the
loaded ones against base.safetensors and plugin.safetensors. Exit status 1 when a weight is not as stored or the exact
model is off by more than 1e-4 of its largest value.
"""

import argparse
import pathlib
import sys

import numpy
import onnxruntime
import torch
import transformers
from safetensors.numpy import load_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

TOLERANCE = 1e-4


def load(kind, folder):
    """The model; every one of its weights has to be in the files."""
    model, found = kind.from_pretrained(folder, trust_remote_code=True, output_loading_info=True)
    assert not found["missing_keys"], f"not in the files: {sorted(found['missing_keys'])}"
    assert not found["unexpected_keys"], f"not in the model: {sorted(found['unexpected_keys'])}"
    return model.eval()


def check(folder, texts):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(texts or [f"The food was {tokenizer.mask_token}.", "It rained."], return_tensors="pt", padding=True)
    inputs = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    masked_lm = load(AutoModelForMaskedLM, folder)
    encoder = load(AutoModel, folder)
    with torch.no_grad():
        logits = masked_lm(**inputs).logits.numpy()
        hidden = encoder(**inputs).last_hidden_state.numpy()
    print(f"{folder.name}: {type(masked_lm).__name__}, {type(encoder).__name__}, {inputs['input_ids'].numel()} tokens")

    loaded = masked_lm.state_dict()
    stored = {**load_file(folder / "base.safetensors"), **load_file(folder / "plugin.safetensors")}
    for name, value in stored.items():
        assert numpy.array_equal(loaded[name].numpy(), value), f"{name} was not loaded"
    print(f"  {len(stored)} tensors loaded bit for bit")

    kept = inputs["attention_mask"].numpy() == 1
    feeds = {name: value.numpy() for name, value in inputs.items()}
    worst = 0.0
    for file in ("model.onnx", "model_quantized.onnx"):
        session = onnxruntime.InferenceSession(folder / "onnx" / file, providers=["CPUExecutionProvider"])
        onnx_logits, onnx_hidden = session.run(["logits", "last_hidden_state"], feeds)
        pairs = ((logits, onnx_logits), (hidden, onnx_hidden))
        off = [(numpy.abs(a - b)[kept].max() / numpy.abs(a)[kept].max()) for a, b in pairs]
        same = (logits.argmax(-1) == onnx_logits.argmax(-1))[kept].mean()
        print(f"  {file}: logits off by {off[0]:.1e} of the largest, hidden by {off[1]:.1e}; same best token {same:.1%}")
        if file == "model.onnx":
            worst = max(off)
    return worst < TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, nargs="+")
    parser.add_argument("--text", nargs="*")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, onnxruntime {onnxruntime.__version__}")
    return 0 if all([check(folder, arguments.text) for folder in arguments.folder]) else 1


if __name__ == "__main__":
    sys.exit(main())
