/** `cpt pretrain`: a small base model from text, on this machine, resumable. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import type { Command, CommandContext } from './command.ts';
import { listFlag, neededFlag, textFlag } from './flags.ts';
import { count } from './format.ts';
import { PLAN_FLAGS, planOf } from './pretrain/plan.ts';

export const command: Command = {
  name: 'pretrain',
  summary: 'pre-train a base model',
  usage: 'pretrain --data FILE … --out DIR (--minutes N | --steps N | --phases LIST) [flags]',
  flags: [
    { name: 'data', value: 'FILE', multiple: true, about: 'text: JSON Lines or plain lines, .gz too' },
    {
      name: 'held-out',
      value: 'FILE',
      multiple: true,
      about: 'text that is only measured on, the first one on the way too; by default 1 % of the data',
    },
    { name: 'out', value: 'DIR', about: 'where the model goes' },
    { name: 'tokenizer', value: 'DIR', about: "folder of tokenizer.json; by default the bundled base's" },
    { name: 'work', value: 'DIR', about: 'where the state is kept (.cpt/pretrain)' },
    { name: 'resume', about: 'go on from the saved state: as planned, or in a new round as these flags say' },
    { name: 'export', about: 'train no more, write the model from the saved state' },
    ...PLAN_FLAGS,
    { name: 'source', value: 'TEXT', multiple: true, about: 'for the card: data and licence, a line each' },
    { name: 'note', value: 'TEXT', multiple: true, about: 'for the card: what else there is to say' },
    { name: 'licence', value: 'ID', about: "for the card: the model's licence, cc-by-sa-4.0 for example" },
  ],
  settings: ['decode', 'output'],
  run,
};

async function run({ args: { flags }, config, io, signal }: CommandContext): Promise<number> {
  const out = neededFlag(flags, 'out', 'pretrain');
  const data = listFlag(flags, 'data');
  const [exporting, resuming] = [flags.export === true, flags.resume === true];
  if (data.length === 0 && !exporting) throw new CptError('CPT_USAGE', 'cpt pretrain needs --data FILE.');
  const work = textFlag(flags, 'work') ?? path.join('.cpt', 'pretrain');

  const { StateFolder } = await import('./pretrain/state-folder.ts');
  const folder = new StateFolder(work);
  const saved = folder.load();
  if (saved !== null && !resuming && !exporting) {
    throw new CptError('CPT_STATE', `${work} holds a pre-training of ${count(saved.step)} steps.`, {
      hint: 'Go on from it with --resume, or name another folder with --work.',
    });
  }
  if (saved === null && (exporting || resuming)) {
    throw new CptError('CPT_STATE', `There is no saved pre-training in ${work}.`, {
      hint: 'Start without --resume.',
    });
  }
  const plan = planOf(flags, saved?.config ?? null);
  const { firstRounds } = await import('./pretrain/rounds.ts');
  const { firstState, resumedState } = await import('./pretrain/start.ts');
  let state = saved === null ? null : resumedState(saved, plan, flags);
  const rounds = state?.rounds ?? firstRounds(plan.course, plan.sizes.maxLength);

  const { BUNDLED_BASE, packageVersion } = await import('../edge/bundled.ts');
  const { readModelFiles, writeModelFiles } = await import('./pretrain/model-files.ts');
  const { loadTokenizer } = await import('../text/tokenizer.ts');
  const { heldOutText, trainingText } = await import('./pretrain/corpus.ts');
  const { Reports } = await import('./pretrain/reports.ts');
  const { session } = await import('./pretrain/session.ts');
  const { publish } = await import('./pretrain/publish.ts');

  const modelFolder = path.join(work, 'model');
  const files = readModelFiles(saved === null ? (textFlag(flags, 'tokenizer') ?? BUNDLED_BASE) : modelFolder);
  const tokenizer = loadTokenizer(files['tokenizer.json']!);
  const { special } = tokenizer;
  const now = (): number => performance.now() / 1000;
  const reports = new Reports(io, config.json, now);
  const compile = plan.threads > 0 ? { threads: plan.threads } : {};
  const reading = { tokenizer, decode: config.decode, signal };

  const heldOut = [];
  for (const file of listFlag(flags, 'held-out')) {
    heldOut.push({ name: `\`${path.basename(file)}\``, tokens: await heldOutText(file, reading) });
  }
  if (!exporting) {
    const seed = saved?.seed ?? plan.seed;
    const say = (line: string): void => reports.say(line);
    const text = await trainingText({
      ...reading,
      data,
      splitOff: heldOut.length === 0,
      tokenizerJson: files['tokenizer.json']!,
      seed,
      folder: work,
      say,
    });
    if (text.splitOff !== null) {
      heldOut.push({ name: 'text of the corpus that was not trained on', tokens: text.splitOff });
    }
    const { tokens } = text;
    if (state === null) {
      await writeModelFiles(modelFolder, files);
      state = firstState(plan, rounds, flags, tokenizer, tokens);
    }
    const job = { special, saveEvery: plan.saveEvery, tokens, heldOut: heldOut[0]!.tokens };
    state = { ...state, about: { ...state.about, corpusTokens: tokens.length } };
    state = await session({ job, from: state, folder, reports, signal, compile, now });
  }
  const published = await publish({
    out,
    state: state!,
    files,
    special,
    heldOut,
    version: packageVersion(),
    compile,
  });
  const [first] = published.measured;
  const loss = first === undefined ? '' : `, held-out loss ${first.loss.toFixed(3)}`;
  reports.say(`wrote ${out}: step ${count(state!.step)}${published.averaged ? ', averaged' : ''}${loss}`);
  return 0;
}
