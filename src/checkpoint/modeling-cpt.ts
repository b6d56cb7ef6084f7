/** `modeling_cpt.py`: the published model for Python, loaded with `trust_remote_code=True`. */
export const MODELING_CPT = `"""RoBERTa with the pruned plugins of one domain, as published by cpt-stream.

Loaded by AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True), or by AutoModel for the
encoder alone. A plugin adds ReLU(fc2(ReLU(fc1(x)))) to what a sublayer adds to its residual; x is the
sublayer's output (sequential) or its input (parallel). Only the neurons of the domain's mask are stored:
index1 and index2 say which of the full plugin's neurons they are.
"""

import torch
from torch import nn
from transformers.models.roberta.modeling_roberta import (
    RobertaForMaskedLM,
    RobertaModel,
    RobertaOutput,
    RobertaPreTrainedModel,
    RobertaSelfOutput,
)


class CptPlugin(nn.Module):
    def __init__(self, hidden, kept):
        super().__init__()
        first, second = kept
        self.fc1 = nn.Linear(hidden, first)
        self.fc2 = nn.Linear(first, second)
        self.register_buffer("index1", torch.zeros(first, dtype=torch.long))
        self.register_buffer("index2", torch.zeros(second, dtype=torch.long))

    def forward(self, x):
        added = torch.relu(self.fc2(torch.relu(self.fc1(x))))
        return torch.zeros_like(x).index_copy(-1, self.index2, added)


class CptPlugins(nn.Module):
    def __init__(self, config):
        super().__init__()
        kept = config.cpt["kept"]
        self.layer = nn.ModuleList(
            nn.ModuleDict(
                {
                    "attention": CptPlugin(config.hidden_size, kept["attention"][at]),
                    "ffn": CptPlugin(config.hidden_size, kept["ffn"][at]),
                }
            )
            for at in range(config.num_hidden_layers)
        )


class _Plugged:
    """Mixed into a sublayer's output module: dense, plugin, Add & LayerNorm."""

    def plug_in(self, plugin, placement):
        # in a tuple, so that the plugin is not registered (and named) a second time
        self._plugin = (plugin,)
        self._parallel = placement == "parallel"
        return self

    def forward(self, hidden_states, input_tensor):
        output = self.dropout(self.dense(hidden_states))
        (plugin,) = self._plugin
        output = output + plugin(input_tensor if self._parallel else output)
        return self.LayerNorm(output + input_tensor)


class CptSelfOutput(_Plugged, RobertaSelfOutput):
    pass


class CptOutput(_Plugged, RobertaOutput):
    pass


def _plug(roberta, plugins, config):
    placement = config.cpt["placement"]
    for layer, own in zip(roberta.encoder.layer, plugins.layer):
        layer.attention.output = CptSelfOutput(config).plug_in(own["attention"], placement)
        layer.output = CptOutput(config).plug_in(own["ffn"], placement)


class CptRobertaForMaskedLM(RobertaForMaskedLM):
    def __init__(self, config):
        super().__init__(config)
        self.cpt = CptPlugins(config)
        _plug(self.roberta, self.cpt, config)
        self.post_init()


class CptRobertaModel(RobertaPreTrainedModel):
    """The encoder alone. It holds a RobertaModel rather than being one, so that names are the checkpoint's own."""

    _keys_to_ignore_on_load_unexpected = [r"lm_head\\."]

    def __init__(self, config):
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.cpt = CptPlugins(config)
        _plug(self.roberta, self.cpt, config)
        self.post_init()

    def forward(self, *args, **kwargs):
        return self.roberta(*args, **kwargs)
`;
