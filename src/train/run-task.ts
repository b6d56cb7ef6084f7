/** A task from passages to a proved new version: split, train, measure, prove. */
import { domainProof } from '../checkpoint/prune.ts';
import type { OpenOptions } from '../engine/index.ts';
import { CptError } from '../errors.ts';
import type { DomainLoss } from '../events.ts';
import { backwardTransfer, forwardTransfer } from '../measure/forgetting.ts';
import type { MlmBatch } from '../text/mask.ts';
import type { BaseModel } from './base.ts';
import { domainCorpus } from './corpus.ts';
import { type Lineage, newestVersions, type Version } from './lineage.ts';
import { type LineageEvaluator, openLineageEvaluator } from './measure-lineage.ts';
import { measureOpen, type OpenLosses } from './measure-open.ts';
import { checkLength, type TaskOptions } from './options.ts';
import { type TaskHooks, TaskTrainer } from './task.ts';

export interface TaskResult {
  readonly lineage: Lineage;
  readonly version: Version;
  /** Of every domain's newest version, this task's last. */
  readonly losses: readonly DomainLoss[];
  readonly steps: number;
  readonly tokens: number;
  readonly forwardTransfer: number | null;
  readonly backwardTransfer: number | null;
}

export interface TaskRunner {
  readonly provider: string;
  /** Blocks in one pass of a step. */
  readonly microBatch: number;
  /**
   * Post-trains the lineage on one closed domain; the lineage given stays as it is.
   * @throws CptError CPT_FORGETTING where an earlier version's weights or logits changed, CPT_TRAIN,
   *   CPT_DIVERGED
   */
  run(lineage: Lineage, domain: string, texts: readonly string[], hooks?: TaskHooks): Promise<TaskResult>;
  /** Losses of the base and of the lineage's newest version on texts of a domain that is not closed yet. */
  measure(lineage: Lineage, texts: readonly string[]): Promise<OpenLosses | null>;
  dispose(): Promise<void>;
}

/**
 * Opens the step, on the device asked for, and the evaluator, on the processor: losses and proofs of a lineage
 * then do not depend on what its tasks were trained on.
 */
export async function openTaskRunner(
  base: BaseModel,
  plugin: Lineage['plugin'],
  options: TaskOptions,
  openOptions: OpenOptions = {},
): Promise<TaskRunner> {
  checkLength(base.config, options);
  const threads = options.threads > 0 ? { threads: options.threads } : {};
  const opened = { ...threads, ...openOptions };
  const trainer = await TaskTrainer.open(base, plugin, options, opened);
  const evaluator = await openLineageEvaluator(base, plugin, options, opened); // compiled, whatever the device

  return {
    provider: trainer.provider,
    microBatch: trainer.microBatch,
    async run(lineage, domain, texts, hooks = {}) {
      const alive = hooks.onPass ?? (() => {});
      const corpus = await domainCorpus(texts, base.tokenizer, options);
      // A domain of one passage has none to hold out: it is measured on its own text.
      const heldOut = corpus.heldOut.length > 0 ? corpus.heldOut : corpus.training.slice(0, 1);
      const batches = evaluator.batches(heldOut);
      const before = await newestLoss(evaluator, lineage, batches);
      const baseLoss = (await evaluator.evaluateBase(batches, lineage.weights)).loss;
      const own = lineage.versions.filter((version) => version.domain === domain);
      const { weights, masks, steps, tokens } = await trainer.train(
        lineage,
        corpus.training,
        own.at(-1)?.masks ?? null,
        hooks,
      );
      await prove(evaluator, lineage, weights, alive);
      const version: Version = {
        task: lineage.versions.length + 1,
        domain,
        version: own.length + 1,
        masks,
        heldOut,
        baseLoss,
        publishedLoss: (await evaluator.evaluate(batches, weights, masks)).loss,
        proof: domainProof(plugin, weights, masks),
        probe: await evaluator.probe(batches, weights, masks),
      };
      const after: Lineage = { plugin, weights, versions: [...lineage.versions, version] };
      const losses = await domainLosses(evaluator, after, alive);
      const earlier = losses.filter((loss) => loss.domain !== domain);
      return {
        lineage: after,
        version,
        losses,
        steps,
        tokens,
        forwardTransfer: forwardTransfer(baseLoss, before),
        backwardTransfer: backwardTransfer(earlier),
      };
    },
    measure: (lineage, texts) =>
      measureOpen(texts, base, options, {
        batches: evaluator.batches,
        base: (batches) => evaluator.evaluateBase(batches, lineage.weights),
        current: (batches) => newestLoss(evaluator, lineage, batches),
      }),
    async dispose() {
      await trainer.dispose();
      await evaluator.dispose();
    },
  };
}

async function newestLoss(
  evaluator: LineageEvaluator,
  lineage: Lineage,
  batches: readonly MlmBatch[],
): Promise<number | null> {
  const newest = lineage.versions.at(-1);
  if (newest === undefined) return null;
  return (await evaluator.evaluate(batches, lineage.weights, newest.masks)).loss;
}

/** Every earlier version must export and answer, bit for bit, as when it was published. */
async function prove(
  evaluator: LineageEvaluator,
  lineage: Lineage,
  weights: Lineage['weights'],
  alive: () => void,
): Promise<void> {
  for (const version of lineage.versions) {
    alive();
    const { masks, domain } = version;
    const probe = await evaluator.probe(evaluator.batches(version.heldOut), weights, masks);
    const what =
      domainProof(lineage.plugin, weights, masks) !== version.proof
        ? 'weights'
        : probe !== version.probe
          ? 'logits'
          : null;
    if (what === null) continue;
    throw new CptError(
      'CPT_FORGETTING',
      `The ${what} of ${domain}.${version.version} are not as published.`,
      {
        hint: 'Nothing was published. The state may be damaged, or was made on another kind of processor.',
      },
    );
  }
}

async function domainLosses(
  evaluator: LineageEvaluator,
  lineage: Lineage,
  alive: () => void,
): Promise<DomainLoss[]> {
  const newest = lineage.versions.at(-1);
  const losses: DomainLoss[] = [];
  for (const version of newestVersions(lineage)) {
    alive();
    const { domain, baseLoss: base, publishedLoss: published } = version;
    if (version === newest) {
      losses.push({ domain, base, published, own: published, current: published }); // it was measured just now
      continue;
    }
    const batches = evaluator.batches(version.heldOut);
    const { loss: own } = await evaluator.evaluate(batches, lineage.weights, version.masks);
    const { loss: current } = await evaluator.evaluate(batches, lineage.weights, newest!.masks);
    losses.push({ domain, base, published, own, current });
  }
  return losses;
}
