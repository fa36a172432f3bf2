import { useCallback, useLayoutEffect, useRef, useState } from 'react';

export interface Action<Arguments extends readonly unknown[], Result = void> {
  /** Undefined when it failed, or when one is still running: a second tap on a button is not a second operation. */
  run(...values: Arguments): Promise<Result | undefined>;
  readonly busy: boolean;
  /** Of the last run; useApiError makes a message of it. */
  readonly error: unknown;
  reset(): void;
}

/** Something a person starts: one at a time, its failure kept for the screen. */
export function useAction<Arguments extends readonly unknown[], Result>(
  perform: (...values: Arguments) => Promise<Result>,
): Action<Arguments, Result> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const running = useRef(false);
  const latest = useRef(perform);
  useLayoutEffect(() => {
    latest.current = perform;
  });

  const run = useCallback(async (...values: Arguments): Promise<Result | undefined> => {
    if (running.current) return undefined;
    running.current = true;
    setState({ busy: true, error: undefined });
    try {
      const result = await latest.current(...values);
      setState({ busy: false, error: undefined });
      return result;
    } catch (error) {
      setState({ busy: false, error });
      return undefined;
    } finally {
      running.current = false;
    }
  }, []);
  const reset = useCallback(() => setState({ busy: false, error: undefined }), []);
  return { run, reset, ...state };
}
