"""Random models of every family, saved by transformers, and what transformers makes of them: families.ts compares.

    python bench/parity/families.py OUT

OUT/<case>/ is the model's folder, OUT/<case>.safetensors what a batch gives: logits of the base, and with plugins in
it the masked-LM loss and the gradients of their weights. OUT/cases.json says the rest. Every reference is computed in
single precision by the model as transformers reads it back from the folder.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file
from small_tokenizers import byte_level, unigram, word_piece
from torch.nn.functional import cross_entropy
from transformers import AutoModelForMaskedLM, BertConfig, DistilBertConfig, RobertaConfig, XLMRobertaConfig

VOCAB, HIDDEN, HEADS, INTERMEDIATE, POSITIONS = 300, 32, 4, 48, 40
WIDTHS = {"attention": 24, "ffn": 20}
BATCH, LENGTH, MASKED, GATE_SCALE = 3, 16, 7, 4.0

SIZES = {"vocab_size": VOCAB, "max_position_embeddings": POSITIONS}
STANDARD = SIZES | {"hidden_size": HIDDEN, "num_attention_heads": HEADS, "intermediate_size": INTERMEDIATE}
# as published: two token types for BERT and one for RoBERTa, each its own epsilon
LIKE_ROBERTA = STANDARD | {"type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1}
OWN = SIZES | {"dim": HIDDEN, "n_heads": HEADS, "hidden_dim": INTERMEDIATE, "n_layers": 3}
FAMILIES = {
    "roberta": (RobertaConfig, LIKE_ROBERTA | {"num_hidden_layers": 2}, byte_level),
    "xlm-roberta": (XLMRobertaConfig, LIKE_ROBERTA | {"num_hidden_layers": 2}, unigram),
    "distilroberta": (RobertaConfig, LIKE_ROBERTA | {"num_hidden_layers": 6}, byte_level),
    "bert": (BertConfig, STANDARD | {"num_hidden_layers": 2}, word_piece),
    "distilbert": (DistilBertConfig, OWN, word_piece),
}
FILES = [
    {"dtype": "float32", "tied": True, "sharded": False, "placement": "parallel"},
    {"dtype": "float32", "tied": False, "sharded": True, "placement": "sequential"},
    {"dtype": "float16", "tied": True, "sharded": True, "placement": "sequential"},
    {"dtype": "bfloat16", "tied": False, "sharded": False, "placement": "parallel"},
]
# of a layer: what reads the sublayer's input first, and what gives its output
SUBLAYERS = {"attention": ("attention.self.query", "attention.output.dense"), "ffn": ("intermediate.dense", "output.dense")}
OF_DISTILBERT = {"attention": ("attention.q_lin", "attention.out_lin"), "ffn": ("ffn.lin1", "ffn.lin2")}


def save(folder, family, dtype, tied, sharded):
    config, sizes, tokenizer = FAMILIES[family]
    model = AutoModelForMaskedLM.from_config(config(**sizes, tie_word_embeddings=tied))
    with torch.no_grad():
        for parameter in model.parameters():  # biases and norms too, so that each has its say
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size="40KB" if sharded else "1GB")
    tokenizer().save_pretrained(folder)


def plugins(layers):
    values = {}
    for name, width in ((f"cpt.layer.{layer}.{site}", width) for layer in range(layers) for site, width in WIDTHS.items()):
        shapes = {
            "fc1.weight": (width, HIDDEN), "fc1.bias": (width,), "fc2.weight": (HIDDEN, width), "fc2.bias": (HIDDEN,),
            "e1": (width,), "e2": (HIDDEN,),
        }
        values |= {f"{name}.{part}": 0.4 * torch.randn(shape) for part, shape in shapes.items()}
    return {name: value.requires_grad_() for name, value in values.items()}


def put(model, values, placement):
    """Plugins behind every sublayer, by hooks: before its output meets the residual."""
    encoder = model.base_model
    layers = encoder.transformer.layer if hasattr(encoder, "transformer") else encoder.encoder.layer
    for index, layer in enumerate(layers):
        for site, (first, last) in (OF_DISTILBERT if hasattr(encoder, "transformer") else SUBLAYERS).items():
            plugin(layer.get_submodule(first), layer.get_submodule(last), f"cpt.layer.{index}.{site}", values, placement)


def plugin(first, last, name, values, placement):
    seen = {}

    def keep(_module, inputs):
        seen["input"] = inputs[0]

    def add(_module, _inputs, output):
        x = seen["input"] if placement == "parallel" else output
        for end in "12":
            gate = torch.sigmoid(GATE_SCALE * values[f"{name}.e{end}"])
            x = torch.relu(x @ values[f"{name}.fc{end}.weight"].T + values[f"{name}.fc{end}.bias"]) * gate
        return output + x

    first.register_forward_pre_hook(keep)
    last.register_forward_hook(add)


def batch(pad):
    ids = torch.randint(5, VOCAB, (BATCH, LENGTH))
    ids[1, LENGTH - 5 :] = pad
    kept = (ids != pad).flatten().nonzero().flatten()
    positions = kept[torch.randperm(len(kept))[:MASKED]].sort().values
    return ids, (ids != pad).long(), positions, torch.randint(5, VOCAB, (MASKED,))


def main():
    out = pathlib.Path(sys.argv[1])
    torch.manual_seed(1)
    cases = []
    for family in FAMILIES:
        for files in FILES:
            case = f"{family}-{files['dtype']}-{'tied' if files['tied'] else 'untied'}"
            save(out / case, family, files["dtype"], files["tied"], files["sharded"])
            assert files["sharded"] == (out / case / "model.safetensors.index.json").exists(), case
            model = AutoModelForMaskedLM.from_pretrained(out / case, dtype=torch.float32).eval().requires_grad_(False)
            ids, attention, positions, labels = batch(model.config.pad_token_id)
            logits = model(input_ids=ids, attention_mask=attention).logits
            layers = model.config.num_hidden_layers
            values = plugins(layers)
            put(model, values, files["placement"])
            chosen = model(input_ids=ids, attention_mask=attention).logits.reshape(-1, VOCAB)[positions]
            loss = cross_entropy(chosen, labels)
            gradients = torch.autograd.grad(loss, list(values.values()))
            tensors = {"logits": logits, "loss": loss}
            tensors |= {f"value:{name}": value for name, value in values.items()}
            tensors |= {f"gradient:{name}": value for name, value in zip(values, gradients, strict=True)}
            save_file({name: value.detach().contiguous() for name, value in tensors.items()}, out / f"{case}.safetensors")
            feeds = {"ids": ids, "attention": attention, "positions": positions, "labels": labels}
            cases.append({"name": case, "family": family, **files, "feeds": {k: v.flatten().tolist() for k, v in feeds.items()}})
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    common = {"batch": BATCH, "length": LENGTH, "gateScale": GATE_SCALE, "widths": WIDTHS}
    (out / "cases.json").write_text(json.dumps(versions | common | {"cases": cases}))


if __name__ == "__main__":
    main()
