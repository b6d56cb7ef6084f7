/** `modeling_cpt.py`: the published model of a family for Python, loaded with `trust_remote_code=True`. */
import { FAMILIES, type FamilyName } from '../roberta/families/index.ts';

/** The classes that config.json names, by what they are to transformers. */
export function publishedClasses(name: FamilyName): { readonly encoder: string; readonly maskedLm: string } {
  const { classes } = FAMILIES[name];
  return { encoder: `Cpt${classes}Model`, maskedLm: `Cpt${classes}ForMaskedLM` };
}

export function modelingCpt(name: FamilyName): string {
  const { imported, plug } = name === 'distilbert' ? HOOKED : MIXED;
  return [`${header(name)}${imports(name, imported)}`, PLUGIN, ...plug(name), models(name)].join('\n\n\n');
}

const header = (
  name: FamilyName,
): string => `"""${FAMILIES[name].title} with the pruned plugins of one domain, as published by cpt-stream.

Loaded by AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True), or by AutoModel for the
encoder alone. A plugin adds ReLU(fc2(ReLU(fc1(x)))) to what a sublayer adds to its residual; x is the
sublayer's output (sequential) or its input (parallel). Only the neurons of the domain's mask are stored:
index1 and index2 say which of the full plugin's neurons they are.
"""

import torch
from torch import nn
`;

function imports(name: FamilyName, also: readonly string[]): string {
  const { classes } = FAMILIES[name];
  const module = name.replaceAll('-', '_');
  const list = ['ForMaskedLM', 'Model', 'PreTrainedModel', ...also].map((part) => `    ${classes}${part},\n`);
  return `from transformers.models.${module}.modeling_${module} import (\n${list.sort().join('')})`;
}

const PLUGIN = `class CptPlugin(nn.Module):
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
        )`;

/** How the plugins come into a family's layers. */
interface Plugging {
  /** What is imported for it, without the family's name. */
  readonly imported: readonly string[];
  readonly plug: (name: FamilyName) => readonly string[];
}

/** Where each sublayer ends in an output module, with Add & LayerNorm inside, that module is replaced. */
const MIXED: Plugging = {
  imported: ['Output', 'SelfOutput'],
  plug: (name) => {
    const { classes, prefix } = FAMILIES[name];
    const encoder = prefix.slice(0, -1);
    return [
      `class _Plugged:
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
        return self.LayerNorm(output + input_tensor)`,
      `class CptSelfOutput(_Plugged, ${classes}SelfOutput):
    pass`,
      `class CptOutput(_Plugged, ${classes}Output):
    pass`,
      `def _plug(${encoder}, plugins, config):
    placement = config.cpt["placement"]
    for layer, own in zip(${encoder}.encoder.layer, plugins.layer):
        layer.attention.output = CptSelfOutput(config).plug_in(own["attention"], placement)
        layer.output = CptOutput(config).plug_in(own["ffn"], placement)`,
    ];
  },
};

/** Where the layer itself does Add & LayerNorm, a hook adds to what the sublayer returns. */
const HOOKED: Plugging = {
  imported: [],
  plug: () => [
    `class _Plugged:
    """A hook on a sublayer, attention or feed-forward: adds the plugin to what it returns."""

    def __init__(self, plugin, placement):
        self.plugin = plugin
        self.parallel = placement == "parallel"

    def __call__(self, module, args, kwargs, result):
        output = result[0] if isinstance(result, tuple) else result
        # older versions of transformers name the sublayer's input query, key and value
        sublayer_input = args[0] if args else kwargs["query"]
        output = output + self.plugin(sublayer_input if self.parallel else output)
        return (output, *result[1:]) if isinstance(result, tuple) else output`,
    `def _plug(distilbert, plugins, config):
    placement = config.cpt["placement"]
    for layer, own in zip(distilbert.transformer.layer, plugins.layer):
        layer.attention.register_forward_hook(_Plugged(own["attention"], placement), with_kwargs=True)
        layer.ffn.register_forward_hook(_Plugged(own["ffn"], placement), with_kwargs=True)`,
  ],
};

/** What the names of the masked-LM head's weights begin with: an encoder alone leaves them. */
const HEADS: Readonly<Record<FamilyName, string>> = {
  roberta: 'lm_head\\.',
  'xlm-roberta': 'lm_head\\.',
  bert: 'cls\\.',
  distilbert: 'vocab_',
};

function models(name: FamilyName): string {
  const { classes, prefix } = FAMILIES[name];
  const { encoder, maskedLm } = publishedClasses(name);
  const inner = prefix.slice(0, -1);
  const made = name === 'distilbert' ? 'config' : 'config, add_pooling_layer=False';
  return `class ${maskedLm}(${classes}ForMaskedLM):
    def __init__(self, config):
        super().__init__(config)
        self.cpt = CptPlugins(config)
        _plug(self.${inner}, self.cpt, config)
        self.post_init()


class ${encoder}(${classes}PreTrainedModel):
    """The encoder alone. It holds a ${classes}Model rather than being one, so that names are the checkpoint's own."""

    _keys_to_ignore_on_load_unexpected = [r"${HEADS[name]}"]

    def __init__(self, config):
        super().__init__(config)
        self.${inner} = ${classes}Model(${made})
        self.cpt = CptPlugins(config)
        _plug(self.${inner}, self.cpt, config)
        self.post_init()

    def forward(self, *args, **kwargs):
        return self.${inner}(*args, **kwargs)
`;
}
