/** For tests that count for themselves what was trained: each job's passages, noted before it is trained. */
import fs from 'node:fs';
import path from 'node:path';
import { textsSha256 } from './job-key.ts';
import type { TrainerJob } from './protocol.ts';

/**
 * With `CPT_TRACE_JOBS=FOLDER` every job leaves `<task>-<SHA-256 of its passages>.json` there, the list of them;
 * the same job again leaves the same file. Its manifest has that hash as `provenance.texts`.
 */
export function traceJobs(folder: string | undefined): (job: TrainerJob) => void {
  if (folder === undefined || folder === '') return () => {};
  return ({ task, texts }) => {
    const file = path.join(folder, `${task}-${textsSha256(texts)}.json`);
    const draft = `${file}.${process.pid}.draft`;
    fs.writeFileSync(draft, JSON.stringify(texts));
    fs.renameSync(draft, file);
  };
}
