/** `README.md` of a revision: what it is, what it was trained on and how to load it. */
import { isRecord } from './strict-json.ts';

export interface ModelCard {
  /** The base's family, as people write it. */
  readonly family: string;
  /** How its tokenizer spells the mask. */
  readonly mask: string;
  readonly lineage: string;
  readonly domain: string;
  /** Letters, commas and spaces alone. */
  readonly label?: string;
  readonly version: number;
  readonly task: number;
  readonly losses: { readonly base: number; readonly own: number };
  readonly passages: number;
  readonly tokens: number;
  readonly kept: number;
  readonly neurons: number;
  readonly placement: string;
  readonly licensed: boolean;
  readonly provenance: { readonly version: string; readonly seed: string; readonly provider: string };
}

export function modelCard(card: ModelCard): string {
  const { family, mask, lineage, domain, version, task, losses, provenance } = card;
  const number = (value: number) => value.toLocaleString('en-US');
  const perplexity = (loss: number) => Math.exp(loss).toFixed(2);
  const name = `${lineage}-${domain}`;
  return `---
library_name: transformers
pipeline_tag: fill-mask
tags:
- cpt-stream
- masked-lm
- continual-pre-training
${card.licensed ? 'license: other\nlicense_name: base-model\nlicense_link: LICENSE\n' : ''}---
# ${lineage}, domain ${domain}, version ${version}
${card.label === undefined ? '' : `\nMost distinctive words of the domain: ${card.label}.\n`}
A masked language model post-trained on one domain of a text stream by
cpt-stream ${provenance.version}: a frozen ${family} with small plugins, of which this
checkpoint holds the neurons that the domain uses and no others (CPT, Ke et al., EMNLP 2022,
arXiv 2210.05549). Task ${task} of the lineage.

| | base | this checkpoint |
|---|---:|---:|
| held-out masked-LM loss on the domain (nats per masked token) | ${losses.base.toFixed(4)} | ${losses.own.toFixed(4)} |
| the same as perplexity | ${perplexity(losses.base)} | ${perplexity(losses.own)} |

Trained on ${number(card.passages)} passages (${number(card.tokens)} tokens); plugins ${card.placement},
${number(card.kept)} of ${number(card.neurons)} neurons. Seed \`${provenance.seed}\`, provider \`${provenance.provider}\`.

## Loading it
The folder of this file is called \`${name}\` below.

JavaScript (transformers.js 3.7 or later):

\`\`\`js
import { env, pipeline } from '@huggingface/transformers';
env.allowRemoteModels = false;
env.localModelPath = '.'; // the folder that holds ${name}
const fill = await pipeline('fill-mask', '${name}', { dtype: 'fp32' }); // or 'q8': 8-bit weights, one file
console.log(await fill('The food was ${mask}.'));
const embed = await pipeline('feature-extraction', '${name}', { dtype: 'fp32' });
const vector = await embed('The food was good.', { pooling: 'mean' });
\`\`\`

Python (transformers; \`modeling_cpt.py\` beside this file is what \`trust_remote_code\` runs):

\`\`\`python
from transformers import AutoModelForMaskedLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("${name}")
model = AutoModelForMaskedLM.from_pretrained("${name}", trust_remote_code=True)
logits = model(**tokenizer("The food was ${mask}.", return_tensors="pt")).logits
\`\`\`

Without \`trust_remote_code\` Python loads the base alone. Anything that runs ONNX reads \`onnx/model.onnx\`
(weights in \`onnx/model.onnx_data\`) or \`onnx/model_quantized.onnx\`: inputs \`input_ids\` and
\`attention_mask\` [batch, length], outputs \`logits\` and \`last_hidden_state\`.

## Limits
What the base model and the feed hold, good and bad, is in here too: the text was not filtered by content.${
    card.licensed ? ' The base’s licence is in LICENSE.' : ' The licence of the base is not known.'
  }
`;
}

/** How a tokenizer spells the mask, by its `tokenizer_config.json`; as usual where that does not say. */
export function maskSpelling(tokenizerConfig: string | undefined, usual: string): string {
  const token = readable(tokenizerConfig).mask_token;
  const spelt = isRecord(token) ? token.content : token;
  return typeof spelt === 'string' && /^[\w<>[\]|]{1,40}$/.test(spelt) ? spelt : usual;
}

function readable(json: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const file: unknown = JSON.parse(json ?? '');
    return isRecord(file) ? file : {};
  } catch {
    return {}; // the card shows how to load a checkpoint; nothing depends on it
  }
}
