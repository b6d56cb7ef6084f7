/** `--phases`: what batches a round is made of, `40%:64x32@30%,60%:32x64@15%`, and how many steps each takes. */
import type { Phase } from '../../train/pretrain-plan.ts';
import type { Problems } from './problems.ts';

/** Of a new model: short blocks and many masks first, long blocks, fewer masks and more tokens in a step later. */
export const NEW_MODEL_PHASES = '40%:64x32@30%,40%:32x64@20%,20%:32x128@15%';
/** Of a model that knows its language: blocks as tasks have them. */
export const BASE_PHASES = '100%:16x128@15%';

const PHASE = /^(\d+(?:\.\d+)?)(%?):(\d+)x(\d+)@(\d+(?:\.\d+)?)%$/;
const FORM = 'SHARE%:BATCHxLENGTH@MASKED% or STEPS:BATCHxLENGTH@MASKED%, such as 40%:64x32@30%';

/**
 * Reads a list of phases. Where they are given as shares, `steps` is null.
 * @param maxLength longest block that the model takes, or null where that is not known yet
 */
export function parsePhases(text: string, maxLength: number | null, problems: Problems): Phase[] {
  const phases: Phase[] = [];
  const words = text.split(',').map((word) => word.trim());
  for (const [at, word] of words.entries()) {
    const where = `--phases, phase ${at + 1}`;
    const match = PHASE.exec(word);
    if (match === null) {
      problems.add(`${where}: ${JSON.stringify(word)} is not of the form ${FORM}.`);
      continue;
    }
    const [amount, batch, length, masked] = [match[1], match[3], match[4], match[5]].map(Number) as number[];
    const inSteps = match[2] === '';
    const within = (what: string, value: number, min: number, max: number): void => {
      if (!(value >= min && value <= max))
        problems.add(`${where}: ${what} is from ${min} to ${max}, not ${value}.`);
    };
    if (inSteps && !Number.isInteger(amount))
      problems.add(`${where}: ${amount} steps are not a whole number.`);
    else if (inSteps) within('its steps', amount!, 1, 1e9);
    else within('its share in %', amount!, 0.1, 100);
    within('its batch', batch!, 1, 4096);
    within('the length of its blocks', length!, 8, 8192);
    within('what is masked in %', masked!, 1, 90);
    if (maxLength !== null && length! > maxLength) {
      problems.add(
        `${where}: blocks of ${length} tokens are too long for the model, which takes ${maxLength}.`,
      );
    }
    phases.push({
      share: inSteps ? 0 : amount! / 100,
      steps: inSteps ? amount! : null,
      batch: batch!,
      length: length!,
      maskRate: masked! / 100,
    });
  }
  if (phases.length < words.length) return phases;
  const given = phases.filter(({ steps }) => steps !== null).length;
  if (given === phases.length) return sharedByTokens(phases);
  const sum = phases.reduce((all, { share }) => all + share, 0);
  if (given > 0) problems.add('--phases: either all phases are given in steps, or all as shares.');
  else if (Math.abs(sum - 1) > 0.005) {
    problems.add(`--phases: the shares add up to ${Number((100 * sum).toFixed(1))} %, not 100 %.`);
  }
  return phases.map((phase) => ({ ...phase, share: phase.share / sum }));
}

/** Phases of given steps: each one's share of the way is its share of the tokens. */
function sharedByTokens(phases: readonly Phase[]): Phase[] {
  const tokens = ({ steps, batch, length }: Phase): number => steps! * batch * length;
  const all = phases.reduce((sum, phase) => sum + tokens(phase), 0);
  return phases.map((phase) => ({ ...phase, share: tokens(phase) / all }));
}

/** So many steps in all, spread over phases so that each gets its share of the tokens. */
export function spreadSteps(phases: readonly Phase[], steps: number): Phase[] {
  const weights = phases.map(({ share, batch, length }) => share / (batch * length));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  let given = 0;
  return phases.map((phase, at) => {
    before += weights[at]!;
    const end = at === phases.length - 1 ? steps : Math.round((steps * before) / all);
    const own = end - given;
    given = end;
    return { ...phase, steps: own };
  });
}
