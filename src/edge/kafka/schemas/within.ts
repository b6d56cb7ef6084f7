/** Code that a hostile schema may keep busy for ever, ended after a while. */
import { createContext, Script } from 'node:vm';

const context = createContext(Object.create(null));
const script = new Script('work()');

/** What `work` gives; it must not wait. @throws TimedOut after `milliseconds`; what `work` throws */
export function within<T>(milliseconds: number, work: () => T): T {
  let result: T | undefined;
  context.work = () => {
    result = work();
  };
  try {
    script.runInContext(context, { timeout: milliseconds });
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TimedOut(`it takes longer than ${milliseconds} ms`);
  } finally {
    context.work = undefined;
  }
  return result as T;
}

export class TimedOut extends Error {}
