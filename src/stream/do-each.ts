import { concatMap, from, type OperatorFunction } from 'rxjs';

/** Runs an effect for one item after the other and emits the events that it gives while it works. */
export function doEach<T, E>(effect: (item: T) => AsyncIterable<E>): OperatorFunction<T, E> {
  return concatMap((item) => from(effect(item)));
}
