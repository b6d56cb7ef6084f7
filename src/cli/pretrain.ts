/** `cpt pretrain`: a small base model from text, on this machine, resumable. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import type { Command, CommandContext } from './command.ts';
import { listFlag, neededFlag, numberFlag, textFlag } from './flags.ts';
import { count } from './format.ts';
import { modelConfig, PLAN_FLAGS, planOf } from './pretrain/plan.ts';

export const command: Command = {
  name: 'pretrain',
  summary: 'pre-train a base model',
  usage: 'pretrain --data FILE … --out DIR (--steps N | --minutes N) [flags]',
  flags: [
    { name: 'data', value: 'FILE', multiple: true, about: 'text: JSON Lines or plain lines, .gz too' },
    { name: 'held-out', value: 'FILE', about: 'text that is only measured on; by default 1 % of the data' },
    { name: 'out', value: 'DIR', about: 'where the model goes' },
    { name: 'tokenizer', value: 'DIR', about: "folder of tokenizer.json; by default the bundled base's" },
    { name: 'work', value: 'DIR', about: 'where the state is kept (.cpt/pretrain)' },
    { name: 'resume', about: 'go on from the saved state' },
    { name: 'export', about: 'train no more, write the model from the saved state' },
    { name: 'minutes', value: 'N', about: 'train for about so long' },
    { name: 'threads', value: 'N', about: 'threads of the engine; 0 takes one per core (0)' },
    { name: 'source', value: 'TEXT', multiple: true, about: 'for the card: data and licence, a line each' },
    { name: 'licence', value: 'ID', about: "for the card: the model's licence, cc-by-sa-4.0 for example" },
    ...PLAN_FLAGS,
  ],
  settings: ['decode', 'output'],
  run,
};

async function run({ args: { flags }, config, io, signal }: CommandContext): Promise<number> {
  const out = neededFlag(flags, 'out', 'pretrain');
  const data = listFlag(flags, 'data');
  const exporting = flags.export === true;
  if (data.length === 0 && !exporting) throw new CptError('CPT_USAGE', 'cpt pretrain needs --data FILE.');
  const minutes = numberFlag(flags, 'minutes', { min: 0.1, max: 1e6 });
  const threads = numberFlag(flags, 'threads', { min: 0, max: 1024, whole: true }) ?? 0;
  const work = textFlag(flags, 'work') ?? path.join('.cpt', 'pretrain');
  const heldOutFile = textFlag(flags, 'held-out') ?? null;

  const { checkFits, StateFolder } = await import('./pretrain/state-folder.ts');
  const folder = new StateFolder(work);
  const from = folder.load();
  if (from !== null && flags.resume !== true && !exporting) {
    throw new CptError('CPT_STATE', `${work} holds a pre-training of ${count(from.step)} steps.`, {
      hint: 'Go on from it with --resume, or name another folder with --work.',
    });
  }
  if (from === null && (exporting || flags.resume === true)) {
    throw new CptError('CPT_STATE', `There is no saved pre-training in ${work}.`, {
      hint: 'Start without --resume.',
    });
  }
  const planned = planOf(flags, from?.plan ?? null);
  if (!exporting && minutes === undefined && planned.steps === null) {
    throw new CptError('CPT_USAGE', 'cpt pretrain needs --steps N or --minutes N.');
  }

  const { BUNDLED_BASE, packageVersion } = await import('../edge/bundled.ts');
  const { readTokenizerFiles } = await import('./pretrain/tokenizer-files.ts');
  const { loadTokenizer } = await import('../text/tokenizer.ts');
  const { heldOutText, trainingText } = await import('./pretrain/corpus.ts');
  const { Reports } = await import('./pretrain/reports.ts');
  const { session } = await import('./pretrain/session.ts');
  const { publish } = await import('./pretrain/publish.ts');

  const files = readTokenizerFiles(textFlag(flags, 'tokenizer') ?? BUNDLED_BASE);
  const tokenizer = loadTokenizer(files['tokenizer.json']!);
  const { special, vocabSize } = tokenizer;
  const model = modelConfig(planned, vocabSize, special.pad);
  if (from !== null) checkFits(from, model, work);
  const compile = threads > 0 ? { threads } : {};
  const now = (): number => performance.now() / 1000;
  const reports = new Reports(io, config.json, now);
  const { decode } = config;

  let state = from;
  let plan = planned;
  let corpusTokens: number | null = null;
  let heldOut: Uint16Array | null = null;
  if (exporting) {
    if (heldOutFile !== null)
      heldOut = await heldOutText({ heldOut: heldOutFile, tokenizer, decode, signal });
  } else {
    const tokenizerJson = files['tokenizer.json']!;
    const { seed } = plan;
    const say = (line: string): void => reports.say(line);
    const input = {
      data,
      heldOut: heldOutFile,
      tokenizer,
      tokenizerJson,
      decode,
      seed,
      folder: work,
      signal,
      say,
    };
    const text = await trainingText(input);
    const seconds = minutes === undefined ? null : minutes * 60;
    const parts = { config: model, special, plan, from, seconds, folder, reports, signal, compile, now };
    const trained = await session({ ...text, ...parts });
    state = { ...trained.state, plan: trained.plan };
    plan = trained.plan;
    corpusTokens = text.tokens.length;
    heldOut = text.heldOut;
  }
  const evaluation = await publish({
    out,
    state: state!,
    config: model,
    tokenizer: files,
    special,
    heldOut,
    compile,
    card: {
      plan,
      data: data.map((file) => path.basename(file)),
      sources: listFlag(flags, 'source'),
      corpusTokens,
      heldOut: heldOutFile === null ? null : path.basename(heldOutFile),
      licence: textFlag(flags, 'licence') ?? null,
      version: packageVersion(),
    },
  });
  const loss = evaluation === null ? '' : `, held-out loss ${evaluation.loss.toFixed(3)}`;
  reports.say(`wrote ${out}: step ${count(state!.step)}${loss}`);
  return 0;
}
