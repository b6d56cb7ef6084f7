/** `cpt route`: which domain's checkpoint fits each batch of texts, or that none does. */
import type { Route } from '../domains/index.ts';
import type { Command } from './command.ts';
import { neededFlag, numberFlag, textFlag } from './flags.ts';
import { named } from './lines.ts';
import { textBatches } from './texts.ts';
import { harmless } from './width.ts';
import { writer } from './write.ts';

/** Texts that are routed together; alone a text says less. */
const BATCH = 8;
const CANDIDATES_SHOWN = 5;

interface Routed extends Route {
  /** Indices of the batch's texts, 0-based and inclusive. */
  readonly first: number;
  readonly last: number;
  /** Newest checkpoint of the domain. */
  readonly revision: string | null;
  /** Of the domain, or of the nearest. */
  readonly label: string | null;
}

export const command: Command = {
  name: 'route',
  summary: 'which domain fits a text, or that none does',
  usage: 'route --lineage DIR --input FILE|- [--batch N] [--ref NAME] [flags]',
  flags: [
    { name: 'lineage', value: 'DIR', about: 'folder of the published lineage' },
    { name: 'input', value: 'FILE|-', about: 'texts: JSON Lines or plain lines, .gz too' },
    { name: 'batch', value: 'N', about: `texts that belong together and are routed as one (${BATCH})` },
    { name: 'ref', value: 'NAME', about: 'the revision whose router.json is asked (main)' },
  ],
  settings: ['decode', 'output'],

  async run({ args, config, io, signal }) {
    const dir = neededFlag(args.flags, 'lineage', 'route');
    const input = neededFlag(args.flags, 'input', 'route');
    const size = numberFlag(args.flags, 'batch', { min: 1, max: 1e6, whole: true }) ?? BATCH;
    const ref = textFlag(args.flags, 'ref') ?? 'main';
    const { route } = await import('../domains/index.ts');
    const { openLineage, readRouter } = await import('../edge/store/index.ts');
    const lineage = await openLineage(dir);
    const domains = await readRouter(lineage, ref);
    const out = writer(io.stdout);
    const line = config.json ? jsonLine : plainLine;
    let waiting: string[] = [];
    let first = 0;
    const flush = async (): Promise<void> => {
      const found = route(domains, waiting);
      const last = first + waiting.length - 1;
      const revision = found.domain === null ? null : lineage.refs[found.domain]!;
      const [best] = found.scores;
      const label = domains.find(({ domain }) => domain === best?.domain)?.label ?? null;
      await out.write(`${line({ ...found, first, last, revision, label })}\n`);
      first = last + 1;
      waiting = [];
    };
    for await (const texts of textBatches(input, config.decode, { stdin: io.stdin, signal })) {
      for (const text of texts) {
        waiting.push(text);
        if (waiting.length === size) await flush();
      }
    }
    if (waiting.length > 0) await flush();
    await out.flushed();
    return 0;
  },
};

function jsonLine({ first, last, domain, revision, label, scores }: Routed): string {
  const rounded = scores.slice(0, CANDIDATES_SHOWN).map((candidate) => ({
    ...candidate,
    score: Number(candidate.score.toFixed(4)),
    fit: Number(candidate.fit.toFixed(3)),
  }));
  const { score = null, fit = null } = rounded[0] ?? {};
  return JSON.stringify({
    first,
    last,
    domain,
    label: domain === null ? null : label,
    revision,
    score,
    fit,
    scores: rounded,
  });
}

function plainLine({ first, last, domain, revision, label, scores }: Routed): string {
  const texts = first === last ? `${first}` : `${first}–${last}`;
  const [best] = scores;
  if (best === undefined) return `${texts}: none, there is no word in it`;
  const measures = `fit ${best.fit.toFixed(2)}, score ${best.score.toFixed(3)}`;
  const name = named({ domain: best.domain, label });
  if (domain === null) return harmless(`${texts}: none, nearest ${name}, ${measures}`);
  return harmless(`${texts}: ${name}, revision ${revision}, ${measures}`);
}
