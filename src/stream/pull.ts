import { lastValueFrom, Observable, type OperatorFunction, of, tap } from 'rxjs';

/**
 * Emits what `through` makes of the items that `read` gives, one item at a time: the next is read when the one
 * before has gone all the way through. RxJS operators queue without bound; this holds the source back instead.
 * Completes when `read` gives null, fails when `read` or `through` fails, reads no more once unsubscribed.
 */
export function pull<T, R>(read: () => Promise<T | null>, through: OperatorFunction<T, R>): Observable<R> {
  return new Observable<R>((subscriber) => {
    const loop = async (): Promise<void> => {
      while (!subscriber.closed) {
        const item = await read();
        if (item === null) break;
        if (subscriber.closed) return;
        const passed = of(item).pipe(
          through,
          tap((result) => subscriber.next(result)),
        );
        await lastValueFrom(passed, { defaultValue: undefined });
      }
      subscriber.complete();
    };
    loop().catch((error: unknown) => subscriber.error(error));
  });
}
