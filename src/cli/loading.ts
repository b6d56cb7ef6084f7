/** How a checkpoint that lies in a folder is loaded, for a person to copy. */
import path from 'node:path';

/** @param folder as a person names it */
export function loadingLines(folder: string): string[] {
  const parent = path.dirname(folder);
  const name = path.basename(folder);
  return [
    'transformers.js:',
    "  import { env, pipeline } from '@huggingface/transformers';",
    '  env.allowRemoteModels = false;',
    `  env.localModelPath = ${JSON.stringify(parent)};`,
    `  const fill = await pipeline('fill-mask', ${JSON.stringify(name)}, { dtype: 'fp32' });`,
    '',
    'Python:',
    '  from transformers import AutoModelForMaskedLM, AutoTokenizer',
    `  tokenizer = AutoTokenizer.from_pretrained(${JSON.stringify(folder)})`,
    `  model = AutoModelForMaskedLM.from_pretrained(${JSON.stringify(folder)}, trust_remote_code=True)`,
  ];
}
