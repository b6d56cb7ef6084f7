"""Writes task-step.json: what PyTorch in double precision makes of three steps of a task, and of one of pre-training.

    pip install torch transformers
    python make_task_step.py > task-step.json

Inputs come from formulas (`noise`, below and in `task-step.test.ts`), so that no weights need to be stored.
The model is transformers' own RobertaForMaskedLM; the plugins, gates and Adam are written out here.
"""

import json
import math
import sys

import torch
import transformers
from transformers import RobertaConfig, RobertaForMaskedLM

VOCAB, HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS, WIDTH = 40, 8, 2, 2, 12, 14, 6
BATCH, LENGTH = 2, 9
STEPS, LEARNING_RATE, S_MAX, CLIP = 3, 1e-2, 8.0, 1.0
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

torch.set_default_dtype(torch.float64)


def noise(name, size):
    """Values in [-1, 1) that depend on the name and the index alone."""
    phase = sum(map(ord, name)) % 97
    values = [math.sin(12.9898 * i + phase) * 43758.5453 for i in range(size)]
    return torch.tensor([2 * (v - math.floor(v)) - 1 for v in values])


def base():
    config = RobertaConfig(
        vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=INTERMEDIATE, max_position_embeddings=POSITIONS, type_vocab_size=1,
        layer_norm_eps=1e-5, pad_token_id=1, attn_implementation="eager",
    )
    model = RobertaForMaskedLM(config).double().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            value = 0.3 * noise(name, parameter.numel()).reshape(parameter.shape)
            normal = "LayerNorm.weight" in name or "layer_norm.weight" in name
            parameter.copy_(1 + value if normal else value)
    return model


def names():
    return [f"cpt.layer.{layer}.{site}" for layer in range(LAYERS) for site in ("attention", "ffn")]


def parameters():
    shapes = {}
    for name in names():
        shapes |= {
            f"{name}.fc1.weight": (WIDTH, HIDDEN), f"{name}.fc1.bias": (WIDTH,),
            f"{name}.fc2.weight": (HIDDEN, WIDTH), f"{name}.fc2.bias": (HIDDEN,),
            f"{name}.e1": (WIDTH,), f"{name}.e2": (HIDDEN,),
        }
    return {n: (0.5 * noise(n, math.prod(s)).reshape(s)).requires_grad_() for n, s in shapes.items()}


def plugged(model, params, s, placement):
    """Puts a plugin after each sublayer, before Add & LayerNorm."""

    def put(module, name):
        def forward(hidden_states, input_tensor):
            y = module.dense(hidden_states)
            x = y if placement == "sequential" else input_tensor
            m1, m2 = torch.sigmoid(s * params[f"{name}.e1"]), torch.sigmoid(s * params[f"{name}.e2"])
            h = torch.relu(x @ params[f"{name}.fc1.weight"].T + params[f"{name}.fc1.bias"]) * m1
            h = torch.relu(h @ params[f"{name}.fc2.weight"].T + params[f"{name}.fc2.bias"]) * m2
            return module.LayerNorm(y + h + input_tensor)

        module.forward = forward

    for index, layer in enumerate(model.roberta.encoder.layer):
        put(layer.attention.output, f"cpt.layer.{index}.attention")
        put(layer.output, f"cpt.layer.{index}.ffn")


def batch():
    ids = torch.tensor([(7 * i * i + 3 * i) % (VOCAB - 5) + 5 for i in range(BATCH * LENGTH)]).reshape(BATCH, LENGTH)
    ids[:, 0] = 0
    ids[1, -2:] = 1
    positions = torch.tensor([2, 5, 8, 10, 13, 14])
    labels = torch.tensor([6, 17, 30, 8, 39, 11])
    weights = torch.tensor([1.0, 1, 1, 1, 1, 0])
    return ids, (ids != 1).long(), positions, labels, weights


def masked_loss(model):
    ids, attention, positions, labels, weights = batch()
    logits = model(input_ids=ids, attention_mask=attention).logits.reshape(BATCH * LENGTH, VOCAB)[positions]
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    return logits, (losses * weights).sum() / weights.sum()


def claims(name):
    plugin, _, part = name.partition(".fc")
    c1 = torch.tensor([i % 3 == 0 for i in range(WIDTH)])
    c2 = torch.tensor([i % 2 == 0 for i in range(HIDDEN)])
    return {"1.weight": c1[:, None], "1.bias": c1, "2.weight": c2[:, None] & c1[None, :], "2.bias": c2}[part]


def task(placement):
    params = parameters()
    moments = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in params.items()}
    steps = []
    for step in range(1, STEPS + 1):
        s = 1 / S_MAX + (S_MAX - 1 / S_MAX) * (step - 1) / (STEPS - 1)
        model = base()
        plugged(model, params, s, placement)
        logits, loss = masked_loss(model)
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
    _, loss = masked_loss(model)
    loss.backward()
    gradients = {n: flat(p.grad) for n, p in model.named_parameters() if p.grad is not None}
    return {"loss": loss.item(), "gradients": gradients}


def flat(tensor):
    return [float(f"{v:.8g}") for v in tensor.detach().flatten().tolist()]


json.dump(
    {
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "sequential": task("sequential"),
        "parallel": task("parallel"),
        "pretraining": pretraining(),
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
