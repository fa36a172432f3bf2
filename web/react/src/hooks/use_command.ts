import type { Accepted, ExecuteOptions, JsonObject } from '@outpost/client';
import { useOutpost } from '../provider.js';
import { useAction, type Action } from './use_action.js';

/** Executes a command of this type: durable when `run` resolves, with or without a line. */
export function useCommand<Payload extends JsonObject = JsonObject, T = JsonObject>(
  type: string,
): Action<[payload: Payload, options?: ExecuteOptions], Accepted<T>> {
  const outpost = useOutpost();
  return useAction((payload: Payload, options?: ExecuteOptions) => outpost.execute<T>(type, payload, options));
}
