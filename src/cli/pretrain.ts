/** `cpt pretrain`: a base model from text, new or from another one, on this machine, resumable. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import type { Command, CommandArgs, CommandContext } from './command.ts';
import { listFlag, neededFlag, textFlag } from './flags.ts';
import { count } from './format.ts';
import { TOKENIZER } from './pretrain/model-files.ts';
import { type Plan, planOf } from './pretrain/plan.ts';
import { PLAN_FLAGS } from './pretrain/plan-flags.ts';
import type { Start } from './pretrain/start.ts';
import type { SavedState } from './pretrain/state-folder.ts';

export const command: Command = {
  name: 'pretrain',
  summary: 'pre-train a base model, new or from another one',
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
    {
      name: 'base',
      value: 'DIR|HUB_ID',
      about: 'go on with this model in place of a new one; it gets a head where it has none',
    },
    {
      name: 'tokenizer',
      value: 'DIR',
      about: "of a new model: folder of tokenizer.json; by default the bundled base's",
    },
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

async function run(context: CommandContext): Promise<number> {
  const { flags } = context.args;
  const { config, io, signal } = context;
  const out = neededFlag(flags, 'out', 'pretrain');
  const data = listFlag(flags, 'data');
  const exporting = flags.export === true;
  if (data.length === 0 && !exporting) throw new CptError('CPT_USAGE', 'cpt pretrain needs --data FILE.');
  const work = textFlag(flags, 'work') ?? path.join('.cpt', 'pretrain');

  const { StateFolder } = await import('./pretrain/state-folder.ts');
  const folder = new StateFolder(work);
  const saved = folder.load();
  checkIntent(saved, flags, work);
  const modelFolder = path.join(work, 'model');
  const { plan, start } = await begin(context, saved, modelFolder);

  const { onDevice } = await import('../edge/trainer/on-device.ts');
  const { checkHeldOut, publish } = await import('./pretrain/publish.ts');
  const { packageVersion } = await import('../edge/bundled.ts');
  const { writeModelFiles } = await import('./pretrain/model-files.ts');
  const { heldOutText, trainingText } = await import('./pretrain/corpus.ts');
  const { Reports } = await import('./pretrain/reports.ts');
  const { session } = await import('./pretrain/session.ts');

  const { files, tokenizer } = start;
  const { special } = tokenizer;
  const now = (): number => performance.now() / 1000;
  const reports = new Reports(io, config.json, now);
  const compile = plan.threads > 0 ? { threads: plan.threads } : {};
  const reading = { tokenizer, decode: config.decode, signal };

  const heldOut = [];
  for (const file of listFlag(flags, 'held-out')) {
    heldOut.push({ name: `\`${path.basename(file)}\``, tokens: await heldOutText(file, reading) });
  }
  let state: SavedState;
  if (exporting) state = start.state(new Uint16Array(0));
  else {
    const { tokens, splitOff } = await trainingText({
      ...reading,
      data,
      splitOff: heldOut.length === 0,
      tokenizerJson: files[TOKENIZER]!,
      seed: saved?.seed ?? plan.seed,
      folder: work,
      say: (line) => reports.say(line),
    });
    if (splitOff !== null) {
      heldOut.push({ name: 'text of the corpus that was not trained on', tokens: splitOff });
    }
    if (saved === null) await writeModelFiles(modelFolder, files);
    const job = { special, saveEvery: plan.saveEvery, tokens, heldOut: heldOut[0]!.tokens };
    const { about, ...first } = start.state(tokens);
    const from = { ...first, about: { ...about, corpusTokens: tokens.length } };
    checkHeldOut(heldOut, from.config);
    const { device, fallbacks } = await onDevice(work, plan.device, async (chosen) => chosen);
    reports.say(`training on ${device}`);
    if (fallbacks.length > 0) reports.say(`not used: ${fallbacks.join('; ')}`);
    state = await session({ job, from, folder, reports, signal, engine: { ...compile, device }, now });
  }
  checkHeldOut(heldOut, state.config);
  const published = await publish({
    out,
    state,
    files,
    special,
    heldOut,
    version: packageVersion(),
    compile,
  });
  const [first] = published.measured;
  const loss = first === undefined ? '' : `, held-out loss ${first.loss.toFixed(3)}`;
  reports.say(`wrote ${out}: step ${count(state.step)}${published.averaged ? ', averaged' : ''}${loss}`);
  return 0;
}

/** @throws CptError CPT_STATE where a state is there that is not to be gone on with, or the other way round */
function checkIntent(
  saved: SavedState | null,
  { resume, export: exporting }: CommandArgs['flags'],
  work: string,
): void {
  const wanted = resume === true || exporting === true;
  if (saved !== null && !wanted) {
    throw new CptError('CPT_STATE', `${work} holds a pre-training of ${count(saved.step)} steps.`, {
      hint: 'Go on from it with --resume, or name another folder with --work.',
    });
  }
  if (saved === null && wanted) {
    throw new CptError('CPT_STATE', `There is no saved pre-training in ${work}.`, {
      hint: 'Start without --resume.',
    });
  }
}

/** Checks the flags, and only then fetches or reads what the training starts from. */
async function begin(
  { args: { flags }, config, io, env, signal }: CommandContext,
  saved: SavedState | null,
  modelFolder: string,
): Promise<{ plan: Plan; start: Start }> {
  const { startByChance, startFromBase, startFromState } = await import('./pretrain/start.ts');
  const { BUNDLED_BASE } = await import('../edge/bundled.ts');
  if (saved !== null) {
    const plan = planOf(flags, { from: 'state', model: saved.config });
    return { plan, start: startFromState(plan, flags, saved, modelFolder) };
  }
  const base = textFlag(flags, 'base');
  if (base === undefined) {
    const plan = planOf(flags, { from: 'chance', model: null });
    return { plan, start: startByChance(plan, flags, textFlag(flags, 'tokenizer') ?? BUNDLED_BASE) };
  }
  planOf(flags, { from: 'base', model: null });
  const { openBase } = await import('./base.ts');
  const { openDisplay } = await import('./display.ts');
  const { checkBase } = await import('../edge/base.ts');
  const now = (): number => performance.now() / 1000;
  const aside = openDisplay({ ...io, stdout: io.stderr, isTTY: false }, { json: false, env, now });
  const named = { ...config, base };
  const opened = await openBase({ config: named, env, signal, show: aside.show, say: aside.print });
  const plan = planOf(flags, { from: 'base', model: await checkBase(opened.folder) });
  return { plan, start: await startFromBase(plan, flags, opened) };
}
