import type { OutpostErrorLike, Problem } from '@outpost/client';
import { useCallback } from 'react';
import { en, type MessageId } from '../messages/en.js';
import type { Text } from '../messages/index.js';
import { useText } from '../provider.js';

export interface ErrorMessage {
  /** What happened and what to do next, in the chosen language. */
  readonly message: string;
  readonly code: string;
  /** Fields the server names, with its words. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

const isErrorLike = (error: unknown): error is OutpostErrorLike =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';

const hasMessage = (id: string): id is MessageId => Object.hasOwn(en, id);

export function messageOfCode(text: Text, code: string): string {
  const id = `error.${code}`;
  return hasMessage(id) ? text(id) : text('error.unknown', { code });
}

export function messageOfError(text: Text, error: unknown): ErrorMessage {
  const code = isErrorLike(error) ? error.code : error instanceof TypeError ? 'NETWORK_ERROR' : 'UNKNOWN';
  const problem: Problem | undefined = isErrorLike(error) ? error.problem : undefined;
  return { message: messageOfCode(text, code), code, fields: problem?.errors ?? [] };
}

/** Makes a message for people of whatever was thrown; undefined when there is no error. */
export function useApiError(): (error: unknown) => ErrorMessage | undefined {
  const text = useText();
  return useCallback((error) => (error === undefined ? undefined : messageOfError(text, error)), [text]);
}
