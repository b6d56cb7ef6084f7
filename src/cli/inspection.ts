/** A published lineage as a table. */
import { bytes, count, counted, percent, perplexity } from './format.ts';
import { table } from './table.ts';

export interface RevisionRow {
  readonly revision: string;
  readonly refs: readonly string[];
  readonly domain: string;
  /** Its most distinctive words, where it has any. */
  readonly label: string | null;
  readonly version: number;
  readonly task: number;
  readonly parents: readonly string[];
  /** SHA-256 of the base's weights. */
  readonly base: string;
  readonly occupancy: { readonly kept: number; readonly neurons: number };
  readonly losses: { readonly base: number; readonly own: number };
  readonly passages: number;
  readonly tokens: number;
  /** Of its distinct files. */
  readonly bytes: number;
  /** The same without the base's weights, which all revisions share. */
  readonly ownBytes: number;
}

export interface LineageInspection {
  readonly lineage: string;
  readonly folder: string;
  /** Of all revisions that a ref names, shared files once. */
  readonly bytes: number;
  /** In order of their tasks. */
  readonly revisions: readonly RevisionRow[];
}

export function inspectionLines({ lineage, bytes: size, revisions }: LineageInspection): string[] {
  const domains = new Set(revisions.map((row) => row.domain)).size;
  const labelled = revisions.some(({ label }) => label !== null);
  const rows = revisions.map((row) => [
    String(row.task),
    row.domain,
    row.revision.slice(0, 12),
    count(row.passages),
    count(row.tokens),
    perplexity(row.losses.base),
    perplexity(row.losses.own),
    percent(row.occupancy.kept / row.occupancy.neurons),
    bytes(row.ownBytes),
    row.refs.join(' '),
    ...(labelled ? [row.label ?? ''] : []),
  ]);
  const head = [
    'task',
    'domain',
    'revision',
    'passages',
    'tokens',
    'base',
    'own',
    'neurons',
    'size',
    'refs',
    ...(labelled ? ['label'] : []),
  ];
  const aligns = [
    'right',
    'left',
    'left',
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
    'left',
    'left',
  ] as const;
  return [
    `${lineage}: ${counted(domains, 'domain')}, ${counted(revisions.length, 'revision')}, ${bytes(size)}`,
    '',
    ...table([head, ...rows], aligns),
    '',
    'base and own: perplexity on held-out text of the domain, without and with its checkpoint. size: without the',
    "base's weights, which all revisions share.",
  ];
}
