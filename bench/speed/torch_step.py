"""The same training step in PyTorch: `torch_step.py SIZE_JSON THREADS MODE`, as worker.ts speaks.

transformers' RoBERTa with its default attention, the masked-LM head at the masked positions only, the base frozen,
plugins and task embeddings trained with torch.optim.Adam, HAT's compensation, clipping, protection by selection.
MODE `full` leaves the encoder as transformers has it; in the others the last layer goes on with the masked positions
alone after its attention, like the compiled step: `trimmed` eager, `compile` with torch.compile (the loss, and the
update with the optimiser, each one compiled function), `bf16` eager under autocast to bfloat16.
"""

import json
import re
import sys
import time

try:
    import torch
    from torch import nn
    from transformers import RobertaConfig, RobertaForMaskedLM
except ImportError as error:
    print(json.dumps({"missing": f"{error}: pip install torch transformers"}), flush=True)
    sys.exit(0)

size = json.loads(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
c, batch, length = size["config"], size["batch"], size["length"]
hidden, widths = c["hidden"], size["plugin"]["widths"]
S, S_MAX = 10.0, 400.0
torch.manual_seed(1)
start = time.perf_counter()

model = RobertaForMaskedLM(RobertaConfig(
    vocab_size=c["vocabSize"], hidden_size=hidden, num_hidden_layers=c["layers"], num_attention_heads=c["heads"],
    intermediate_size=c["intermediate"], max_position_embeddings=c["maxPositions"], type_vocab_size=c["typeVocab"],
    layer_norm_eps=c["layerNormEpsilon"], pad_token_id=c["padId"],
)).eval().requires_grad_(False)


class Plugin(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(hidden, width), nn.Linear(width, hidden)
        self.e1, self.e2 = nn.Parameter(torch.randn(width)), nn.Parameter(torch.randn(hidden))
        free1, free2 = torch.arange(width) % 2 == 0, torch.arange(hidden) % 2 == 0
        self.free = [
            (self.fc1.weight, free1[:, None]), (self.fc1.bias, free1),
            (self.fc2.weight, free2[:, None] | free1[None, :]), (self.fc2.bias, free2),
        ]

    def forward(self, x):
        h = torch.relu(self.fc1(x)) * torch.sigmoid(S * self.e1)
        return x + torch.relu(self.fc2(h)) * torch.sigmoid(S * self.e2)


plugins = nn.ModuleList()


def put(module, width, narrow=lambda x: x):
    plugin = Plugin(width)
    plugins.append(plugin)
    module.forward = lambda hidden_states, input_tensor: module.LayerNorm(
        plugin(module.dense(narrow(hidden_states))) + narrow(input_tensor)
    )


def masked_rows(x):
    return x.reshape(1, -1, x.shape[-1])[:, positions]


mode = sys.argv[3]
trimmed = mode != "full"
n = round(batch * length * 0.15)
positions = (torch.arange(n) / 0.15).long()
for layer in model.roberta.encoder.layer:
    last = layer is model.roberta.encoder.layer[-1]
    put(layer.attention.output, widths["attention"], *([masked_rows] if trimmed and last else []))
    put(layer.output, widths["ffn"])

optimiser = torch.optim.Adam(plugins.parameters(), lr=1e-4)
ids = (5 + (torch.arange(batch * length) * 7919) % (c["vocabSize"] - 5)).reshape(batch, length)
labels = 5 + (torch.arange(n) * 104729) % (c["vocabSize"] - 5)
parameters = list(plugins.parameters())


def loss_of():
    x = model.roberta(ids, attention_mask=torch.ones_like(ids)).last_hidden_state.reshape(-1, hidden)
    return nn.functional.cross_entropy(model.lm_head(x if trimmed else x[positions]), labels)


@torch.no_grad()
def update():
    for plugin in plugins:
        for e in (plugin.e1, plugin.e2):
            ratio = (torch.cosh((S * e).clamp(-50, 50)) + 1) / (torch.cosh(e) + 1)
            e.grad.mul_(ratio * (S_MAX / S))
    nn.utils.clip_grad_norm_(parameters, 1.0)
    kept = [[p.clone() for p, _ in plugin.free] for plugin in plugins]
    optimiser.step()
    for plugin, old in zip(plugins, kept, strict=True):
        for (p, free), before in zip(plugin.free, old, strict=True):
            p.copy_(torch.where(free, p, before))
        plugin.e1.clamp_(-6, 6)
        plugin.e2.clamp_(-6, 6)


if mode == "compile":
    loss_of, update = torch.compile(loss_of), torch.compile(update)


def step():
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "bf16"):
        loss = loss_of()
    loss.backward()
    update()
    return loss.item()


def say(message):
    print(json.dumps(message), flush=True)


try:
    step()
except Exception as error:  # such as no C++ compiler for torch.compile
    say({"missing": " ".join(f"{type(error).__name__}: {error}".split())[:300]})
    sys.exit(0)
say({"ready": time.perf_counter() - start, "version": torch.__version__.split("+")[0]})
for line in sys.stdin:
    began = time.perf_counter()
    for _ in range(int(line)):
        step()
    say({"seconds": time.perf_counter() - began})
with open("/proc/self/status") as status:
    say({"peak": int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024**2})
