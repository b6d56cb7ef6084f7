/** A task from passages to a proved new version: split, train, measure, prove. */
import { domainProof, hashesOf } from '../checkpoint/proof.ts';
import { prune } from '../checkpoint/prune.ts';
import type { OpenOptions } from '../engine/index.ts';
import type { DomainLoss } from '../events.ts';
import { backwardTransfer, forwardTransfer } from '../measure/forgetting.ts';
import type { MlmBatch } from '../text/mask.ts';
import { type VersionDetail, withTask } from './archive.ts';
import type { BaseModel } from './base.ts';
import { domainCorpus } from './corpus.ts';
import {
  type Lineage,
  nearestVersions,
  newestVersions,
  nextVersion,
  prunedVersion,
  type Version,
} from './lineage.ts';
import { openLineageEvaluator } from './measure-lineage.ts';
import { measureOpen, type OpenLosses } from './measure-open.ts';
import { checkLength, type TaskOptions } from './options.ts';
import { proveAnswers, proveWeights, proveWritten, toProve } from './prove.ts';
import { type TaskHooks, TaskTrainer, type Trained } from './task.ts';

export interface TaskResult {
  readonly lineage: Lineage;
  readonly version: Version;
  /** What is to be kept of the task, beside the version. */
  readonly detail: VersionDetail;
  readonly written: Trained['written'];
  /** Of this task's domain, last, and of the newest versions of the others whose answers were proved. */
  readonly losses: readonly DomainLoss[];
  readonly steps: number;
  readonly tokens: number;
  readonly forwardTransfer: number | null;
  readonly backwardTransfer: number | null;
  /** Seconds that the proofs took, by the hooks' clock. */
  readonly proofSeconds: number;
}

export interface TaskInput {
  readonly domain: string;
  readonly texts: readonly string[];
  /** Domains whose neurons the task may build on, nearest first; those not named come behind, the newest first. */
  readonly near: readonly string[];
}

export interface TaskRunner {
  readonly provider: string;
  /** Blocks in one pass of a step. */
  readonly microBatch: number;
  /**
   * Post-trains the lineage on one closed domain; the lineage given stays as it is.
   * @throws CptError CPT_FORGETTING where an earlier version's weights or logits changed, CPT_TRAIN,
   *   CPT_DIVERGED, CPT_STATE
   */
  run(lineage: Lineage, input: TaskInput, hooks?: TaskHooks): Promise<TaskResult>;
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

  async function newestLoss(lineage: Lineage, batches: readonly MlmBatch[]): Promise<number | null> {
    const newest = lineage.versions.at(-1);
    if (newest === undefined) return null;
    return (await evaluator.evaluate(batches, prunedVersion(lineage, newest))).loss;
  }

  return {
    provider: trainer.provider,
    microBatch: trainer.microBatch,
    async run(lineage, { domain, texts, near }, hooks = {}) {
      const alive = hooks.onPass ?? (() => {});
      const clock = hooks.clock ?? (() => 0);
      const corpus = await domainCorpus(texts, base.tokenizer, options);
      // A domain of one passage has none to hold out: it is measured on its own text.
      const heldOut = corpus.heldOut.length > 0 ? corpus.heldOut : corpus.training.slice(0, 1);
      const batches = evaluator.batches(heldOut);
      const nearest = nearestVersions(lineage, domain, near);
      const before = await newestLoss(lineage, batches);
      const baseLoss = (await evaluator.evaluateBase(batches)).loss;
      const own = lineage.versions.filter((version) => version.domain === domain);
      const trained = await trainer.train(lineage, corpus.training, nearest, own.at(-1) ?? null, hooks);
      const { kept, written, widths, steps, tokens } = trained;

      const task = lineage.tasks + 1;
      const unnamed = withTask(plugin, lineage.archive, task, written, { heldOut, hashes: {} });
      let since = clock();
      proveWritten(lineage, unnamed, written);
      let proofSeconds = clock() - since;
      const pruned = prune(plugin, unnamed, kept);
      const detail = { heldOut, hashes: hashesOf(pruned) };
      const { loss, probe } = await evaluator.measure(batches, pruned);
      const version: Version = {
        task,
        domain,
        version: nextVersion(lineage, domain),
        kept,
        baseLoss,
        publishedLoss: loss,
        proof: domainProof(pruned, detail.hashes),
        probe,
      };
      const after: Lineage = {
        plugin,
        tasks: task,
        widths,
        versions: [...lineage.versions, version],
        retired: lineage.retired,
        archive: withTask(plugin, lineage.archive, task, written, detail),
      };

      const losses: DomainLoss[] = [];
      const newestOf = new Set(newestVersions(after));
      const { weights, answers } = toProve(lineage, nearest, steps);
      since = clock();
      for (const earlier of weights) {
        if (!answers.includes(earlier)) proveWeights(after, earlier); // the others are proved below
      }
      proofSeconds += clock() - since;
      for (const earlier of answers) {
        alive();
        since = clock();
        const own = await proveAnswers(after, earlier, evaluator);
        proofSeconds += clock() - since;
        if (!newestOf.has(earlier)) continue;
        const theirs = evaluator.batches(after.archive.detail(earlier.task).heldOut);
        const { loss: current } = await evaluator.evaluate(theirs, pruned);
        const { baseLoss: base, publishedLoss: published } = earlier;
        losses.push({ domain: earlier.domain, base, published, own, current });
      }
      const backward = backwardTransfer(losses);
      losses.push({ domain, base: baseLoss, published: loss, own: loss, current: loss });
      return {
        lineage: after,
        version,
        detail,
        written,
        losses,
        steps,
        tokens,
        forwardTransfer: forwardTransfer(baseLoss, before),
        backwardTransfer: backward,
        proofSeconds,
      };
    },
    measure: (lineage, texts) =>
      measureOpen(texts, base, options, {
        batches: evaluator.batches,
        base: evaluator.evaluateBase,
        current: (batches) => newestLoss(lineage, batches),
      }),
    async dispose() {
      await trainer.dispose();
      await evaluator.dispose();
    },
  };
}
