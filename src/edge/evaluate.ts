/** Held-out losses of given texts under a published lineage. */
import { CptError } from '../errors.ts';
import { perplexity } from '../measure/forgetting.ts';
import { packPassages } from '../text/pack.ts';
import type { Evaluation } from '../train/evaluate.ts';
import { openLineageEvaluator } from '../train/measure-lineage.ts';
import type { TaskOptions } from '../train/options.ts';
import { loadBase } from './base.ts';
import { openLineage } from './store/index.ts';
import { readPublished } from './store/published-model.ts';

export interface EvaluateSettings {
  /** Folder of the published lineage. */
  readonly dir: string;
  /** Folder of the base that it stands on. */
  readonly base: string;
  /** The base as a person named it. */
  readonly baseName: string;
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

export interface TextEvaluator {
  evaluate(texts: readonly string[]): Promise<EvaluatedTexts>;
  dispose(): Promise<void>;
}

/**
 * Loads and compiles once, for any number of texts.
 * @throws CptError CPT_VERIFY where there is no such lineage, CPT_BASE where it stands on another base
 */
export async function openTextEvaluator(settings: EvaluateSettings): Promise<TextEvaluator> {
  const { dir, base, baseName, options } = settings;
  const { store, refs, main } = await openLineage(dir);
  const model = await loadBase(base, { name: baseName });
  const { base: sha256 } = await store.readManifest(main);
  if (sha256 !== model.sha256) {
    throw new CptError('CPT_BASE', `${dir} stands on another base than ${baseName}.`, {
      hint: 'Name it with --base; of a model on a hub also the commit: org/name@commit.',
    });
  }
  // a version's ref is its domain's with a dot and a number
  const names = Object.keys(refs).filter((name) => name !== 'main' && !/\.\d+$/.test(name));
  const newest = await readPublished(store, 'main');
  const evaluator = await openLineageEvaluator(model, newest.plugin, options);
  return {
    async evaluate(texts) {
      const encoded = await model.tokenizer.encodeBatch(texts);
      const batches = evaluator.batches(packPassages(encoded, options.length, model.tokenizer.special));
      const untouched = await evaluator.evaluateBase(batches);
      const domains: Record<string, EvaluatedModel> = {};
      // one at a time: the plugins of many domains would not fit in memory
      for (const name of names) {
        const { pruned } = await readPublished(store, name);
        domains[name] = told(await evaluator.evaluate(batches, pruned));
      }
      const { maskedTokens } = untouched;
      return { passages: texts.length, maskedTokens, base: told(untouched), domains };
    },
    dispose: () => evaluator.dispose(),
  };
}

function told({ loss, accuracy }: Evaluation): EvaluatedModel {
  return { loss, perplexity: perplexity(loss), accuracy };
}
