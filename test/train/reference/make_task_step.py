"""Writes task-step.json: what PyTorch in double precision makes of three steps of a task, of one of pre-training, and
of a task's loss for each family of bases.

    pip install torch transformers
    python make_task_step.py > task-step.json

Inputs come from formulas (`noise`, below and in `small.ts`), so that no weights need to be stored.
The models are transformers' own (RobertaForMaskedLM and so on); the plugins, gates and Adam are written out here.
"""

import json
import math
import sys

import torch
import transformers
from transformers import AutoConfig, AutoModelForMaskedLM

SMALL = {"vocab": 40, "hidden": 8, "heads": 2, "intermediate": 12}
WIDER = {"vocab": 100, "hidden": 32, "heads": 4, "intermediate": 48}
LAYERS, POSITIONS, WIDTH = 2, 14, 6
BATCH, LENGTH = 2, 9
STEPS, LEARNING_RATE, S_MAX, CLIP = 3, 1e-2, 8.0, 1.0
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

torch.set_default_dtype(torch.float64)


def noise(name, size):
    """Values in [-1, 1) that depend on the name and the index alone."""
    phase = sum(map(ord, name)) % 97
    values = [math.sin(12.9898 * i + phase) * 43758.5453 for i in range(size)]
    return torch.tensor([2 * (v - math.floor(v)) - 1 for v in values])


def base(kind="roberta", size=SMALL, tied=True):
    bert = kind in ("bert", "distilbert")
    settings = {
        "vocab_size": size["vocab"], "max_position_embeddings": POSITIONS, "pad_token_id": 0 if bert else 1,
        "tie_word_embeddings": tied, "attn_implementation": "eager",
    }
    if kind == "distilbert":
        settings |= {
            "dim": size["hidden"], "n_layers": LAYERS, "n_heads": size["heads"], "hidden_dim": size["intermediate"],
        }
    else:
        settings |= {
            "hidden_size": size["hidden"], "num_hidden_layers": LAYERS, "num_attention_heads": size["heads"],
            "intermediate_size": size["intermediate"], "type_vocab_size": 2 if bert else 1,
            "layer_norm_eps": 1e-12 if bert else 1e-5,
        }
    model = AutoModelForMaskedLM.from_config(AutoConfig.for_model(kind, **settings)).double().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter is model.get_input_embeddings().weight:  # in XLM-RoBERTa the decoder comes first
                name = f"{model.base_model_prefix}.embeddings.word_embeddings.weight"
            value = 0.3 * noise(name, parameter.numel()).reshape(parameter.shape)
            normal = "LayerNorm.weight" in name or "layer_norm.weight" in name
            parameter.copy_(1 + value if normal else value)
    return model


def names():
    return [f"cpt.layer.{layer}.{site}" for layer in range(LAYERS) for site in ("attention", "ffn")]


def parameters(hidden):
    shapes = {}
    for name in names():
        shapes |= {
            f"{name}.fc1.weight": (WIDTH, hidden), f"{name}.fc1.bias": (WIDTH,),
            f"{name}.fc2.weight": (hidden, WIDTH), f"{name}.fc2.bias": (hidden,),
            f"{name}.e1": (WIDTH,), f"{name}.e2": (hidden,),
        }
    return {n: (0.5 * noise(n, math.prod(s)).reshape(s)).requires_grad_() for n, s in shapes.items()}


def plugged(model, params, s, placement):
    """Puts a plugin after each sublayer, before Add & LayerNorm."""

    def added(name, x, y):
        """What goes into Add & LayerNorm of a sublayer that made y of x."""
        m1, m2 = torch.sigmoid(s * params[f"{name}.e1"]), torch.sigmoid(s * params[f"{name}.e2"])
        h = y if placement == "sequential" else x
        h = torch.relu(h @ params[f"{name}.fc1.weight"].T + params[f"{name}.fc1.bias"]) * m1
        h = torch.relu(h @ params[f"{name}.fc2.weight"].T + params[f"{name}.fc2.bias"]) * m2
        return y + h + x

    def put(module, name):
        def forward(hidden_states, input_tensor):
            return module.LayerNorm(added(name, input_tensor, module.dense(hidden_states)))

        module.forward = forward

    def put_block(block, name):
        def forward(x, attention_mask=None, **others):
            attended, _ = block.attention(x, attention_mask=attention_mask, **others)
            x = block.sa_layer_norm(added(f"{name}.attention", x, attended))
            return block.output_layer_norm(added(f"{name}.ffn", x, block.ffn(x)))

        block.forward = forward

    if model.config.model_type == "distilbert":
        for index, layer in enumerate(model.base_model.transformer.layer):
            put_block(layer, f"cpt.layer.{index}")
    else:
        for index, layer in enumerate(model.base_model.encoder.layer):
            put(layer.attention.output, f"cpt.layer.{index}.attention")
            put(layer.output, f"cpt.layer.{index}.ffn")


def token_ids(vocab):
    ids = [(7 * i * i + 3 * i) % (vocab - 5) + 5 for i in range(BATCH * LENGTH)]
    return torch.tensor(ids).reshape(BATCH, LENGTH)


def batch():
    ids = token_ids(SMALL["vocab"])
    ids[:, 0] = 0
    ids[1, -2:] = 1
    positions = torch.tensor([2, 5, 8, 10, 13, 14])
    labels = torch.tensor([6, 17, 30, 8, 39, 11])
    weights = torch.tensor([1.0, 1, 1, 1, 1, 0])
    return ids, (ids != 1).long(), positions, labels, weights


def front_padded_batch(pad):
    """The second text begins with padding: families differ in which positions its tokens have then."""
    ids = token_ids(WIDER["vocab"])
    ids[1, :2] = pad
    positions = torch.tensor([2, 5, 8, 11, 13, 17])
    labels = torch.tensor([6, 17, 99, 8, 39, 11])
    weights = torch.tensor([1.0, 1, 1, 1, 1, 0])
    return ids, (ids != pad).long(), positions, labels, weights


def masked_loss(model, inputs):
    ids, attention, positions, labels, weights = inputs
    logits = model(input_ids=ids, attention_mask=attention).logits.flatten(0, 1)[positions]
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    return logits, (losses * weights).sum() / weights.sum()


def claims(name):
    plugin, _, part = name.partition(".fc")
    c1 = torch.tensor([i % 3 == 0 for i in range(WIDTH)])
    c2 = torch.tensor([i % 2 == 0 for i in range(SMALL["hidden"])])
    return {"1.weight": c1[:, None], "1.bias": c1, "2.weight": c2[:, None] & c1[None, :], "2.bias": c2}[part]


def task(placement):
    params = parameters(SMALL["hidden"])
    moments = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in params.items()}
    steps = []
    for step in range(1, STEPS + 1):
        s = 1 / S_MAX + (S_MAX - 1 / S_MAX) * (step - 1) / (STEPS - 1)
        model = base()
        plugged(model, params, s, placement)
        logits, loss = masked_loss(model, batch())
        gradients = dict(zip(params, torch.autograd.grad(loss, list(params.values())), strict=True))
        for name, e in params.items():
            if name.endswith((".e1", ".e2")):
                with torch.no_grad():
                    ratio = (torch.cosh((s * e).clamp(-50, 50)) + 1) / (torch.cosh(e) + 1)
                    gradients[name] = gradients[name] * (S_MAX / s) * ratio
        norm = torch.sqrt(sum((g * g).sum() for g in gradients.values()))
        factor = CLIP / max(norm.item(), CLIP)
        record = {"loss": loss.item(), "norm": norm.item()}
        if step == 1:
            record |= {"logits": flat(logits), "gradients": {n: flat(g) for n, g in gradients.items()}}
        steps.append(record)
        with torch.no_grad():
            for name, p in params.items():
                g = gradients[name] * factor
                first, second = moments[name]
                first.mul_(BETA1).add_((1 - BETA1) * g)
                second.mul_(BETA2).add_((1 - BETA2) * g * g)
                mean, variance = first / (1 - BETA1**step), second / (1 - BETA2**step)
                new = p - LEARNING_RATE * mean / (variance.sqrt() + EPSILON)
                new = new.clamp(-6, 6) if name.endswith((".e1", ".e2")) else torch.where(claims(name), p, new)
                p.copy_(new)
    return {"steps": steps, "values": {n: flat(p) for n, p in params.items()}}


def pretraining():
    model = base()
    for p in model.parameters():
        p.requires_grad_()
    _, loss = masked_loss(model, batch())
    loss.backward()
    gradients = {n: flat(p.grad) for n, p in model.named_parameters() if p.grad is not None}
    return {"loss": loss.item(), "gradients": gradients}


def family(kind, placement, tied=True):
    """Loss, logits and gradients of the plugins at gate scale 2; of logits and matrices every ninth number, of vectors every third."""
    model, params = base(kind, WIDER, tied), parameters(WIDER["hidden"])
    plugged(model, params, 2.0, placement)
    logits, loss = masked_loss(model, front_padded_batch(model.config.pad_token_id))
    gradients = torch.autograd.grad(loss, list(params.values()))
    return {
        "loss": loss.item(),
        "logits": flat(logits)[::9],
        "gradients": {n: flat(g)[:: 9 if g.dim() > 1 else 3] for n, g in zip(params, gradients, strict=True)},
    }


def flat(tensor):
    return [float(f"{v:.8g}") for v in tensor.detach().flatten().tolist()]


json.dump(
    {
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "sequential": task("sequential"),
        "parallel": task("parallel"),
        "pretraining": pretraining(),
        "families": {
            "roberta": family("roberta", "parallel"),
            "xlm-roberta": family("xlm-roberta", "sequential"),
            "bert": family("bert", "parallel"),
            "bert, untied": family("bert", "sequential", tied=False),
            "roberta, untied": family("roberta", "parallel", tied=False),
            "distilbert": family("distilbert", "sequential"),
            "distilbert, untied": family("distilbert", "parallel", tied=False),
        },
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
