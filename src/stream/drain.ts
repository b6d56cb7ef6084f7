import { fromEvent, lastValueFrom, type Observable, takeUntil, tap } from 'rxjs';

/** Runs a stream to its end, or until `signal` aborts; what it emits goes to `each`. Fails as the stream fails. */
export async function drain<E>(
  stream: Observable<E>,
  each: (event: E) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const whole = stream.pipe(tap(each), takeUntil(fromEvent(signal, 'abort')));
  await lastValueFrom(whole, { defaultValue: undefined });
}
