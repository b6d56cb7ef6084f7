/** Held-out losses of given texts under a published lineage. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import { perplexity } from '../measure/forgetting.ts';
import { packPassages } from '../text/pack.ts';
import { openLineageEvaluator } from '../train/measure-lineage.ts';
import type { TaskOptions } from '../train/options.ts';
import { loadBase } from './base.ts';
import { openStore } from './store/index.ts';
import { readPublished } from './store/published-model.ts';

export interface EvaluateInput {
  /** Folder of the published lineage. */
  readonly dir: string;
  /** Folder of the base that it stands on. */
  readonly base: string;
  readonly texts: readonly string[];
  readonly options: TaskOptions;
}

export interface EvaluatedModel {
  /** Mean cross-entropy per masked token, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  /** Share of masked tokens guessed right. */
  readonly accuracy: number;
}

export interface EvaluatedTexts {
  readonly passages: number;
  readonly maskedTokens: number;
  readonly base: EvaluatedModel;
  /** Newest version of each domain. */
  readonly domains: Readonly<Record<string, EvaluatedModel>>;
}

/** @throws CptError CPT_VERIFY where there is no such lineage, CPT_BASE where it stands on another base */
export async function evaluateTexts({ dir, base, texts, options }: EvaluateInput): Promise<EvaluatedTexts> {
  const store = openStore(path.dirname(dir), path.basename(dir));
  const refs = await store.refs();
  if (refs.main === undefined) {
    throw new CptError('CPT_VERIFY', `${dir} is not a published lineage: it has no refs/main.`);
  }
  const model = await loadBase(base);
  const { base: sha256 } = await store.readManifest(refs.main);
  if (sha256 !== model.sha256) {
    throw new CptError('CPT_BASE', `${dir} stands on another base than ${base}.`, {
      hint: 'Name it with --base.',
    });
  }
  const main = await readPublished(store, 'main');
  const evaluator = await openLineageEvaluator(model, main.plugin, options);
  try {
    const encoded = await model.tokenizer.encodeBatch(texts);
    const batches = evaluator.batches(packPassages(encoded, options.length, model.tokenizer.special));
    const told = ({ loss, accuracy }: { loss: number; accuracy: number }) => {
      return { loss, perplexity: perplexity(loss), accuracy };
    };
    const untouched = await evaluator.evaluateBase(batches, main.weights);
    const domains: Record<string, EvaluatedModel> = {};
    // a version's ref is its domain's with a dot and a number
    for (const ref of Object.keys(refs).filter((name) => name !== 'main' && !/\.\d+$/.test(name))) {
      const { weights, masks } = await readPublished(store, ref);
      domains[ref] = told(await evaluator.evaluate(batches, weights, masks));
    }
    const { maskedTokens } = untouched;
    return { passages: texts.length, maskedTokens, base: told(untouched), domains };
  } finally {
    await evaluator.dispose();
  }
}
