"""Loads a published revision in Python and compares it with its ONNX models.

    pip install torch transformers safetensors onnxruntime
    python bench/parity/load_published.py FOLDER [--text "The food was <mask>."]

FOLDER is one revision as a folder (what `cpt export` writes). Checked: AutoModelForMaskedLM (logits) and AutoModel
(last hidden state) against onnx/model.onnx and onnx/model_quantized.onnx, and the plugin's weights against
plugin.safetensors. Exit status 1 when the exact model is off by more than 1e-4.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--text", nargs="*", default=["The food was <mask>.", "It rained."])
    arguments = parser.parse_args()
    folder = arguments.folder
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, onnxruntime {onnxruntime.__version__}")

    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(arguments.text, return_tensors="pt", padding=True)
    inputs = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    masked_lm = AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True).eval()
    encoder = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()
    with torch.no_grad():
        logits = masked_lm(**inputs).logits.numpy()
        hidden = encoder(**inputs).last_hidden_state.numpy()

    stored = load_file(folder / "plugin.safetensors")
    loaded = masked_lm.state_dict()
    for name, value in stored.items():
        assert numpy.array_equal(loaded[name].numpy(), value), f"{name} was not loaded"
    print(f"{len(stored)} plugin tensors loaded bit for bit")

    kept = inputs["attention_mask"].numpy() == 1
    feeds = {name: value.numpy() for name, value in inputs.items()}
    worst = 0.0
    for file in ("model.onnx", "model_quantized.onnx"):
        session = onnxruntime.InferenceSession(folder / "onnx" / file, providers=["CPUExecutionProvider"])
        onnx_logits, onnx_hidden = session.run(["logits", "last_hidden_state"], feeds)
        off = [numpy.abs(a - b)[kept].max() for a, b in ((logits, onnx_logits), (hidden, onnx_hidden))]
        same = (logits.argmax(-1) == onnx_logits.argmax(-1))[kept].mean()
        print(f"{file}: logits off by {off[0]:.2e}, hidden by {off[1]:.2e}; same best token {same:.1%}")
        if file == "model.onnx":
            worst = max(off)
    return 0 if worst < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
