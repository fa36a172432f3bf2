import { messageOf, type Locale, type OutpostErrorLike } from '@outpost/client';
import { useCallback } from 'react';
import { useLocale } from '../provider.js';

export interface ErrorMessage {
  /** What happened and what to do next, in the chosen language. */
  readonly message: string;
  readonly code: string;
  /** Fields the server names, with its words. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

const isErrorLike = (error: unknown): error is OutpostErrorLike =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';

export const messageOfCode = (locale: Locale, code: string): string => messageOf({ code, message: code }, locale);

export function messageOfError(locale: Locale, error: unknown): ErrorMessage {
  const known = isErrorLike(error) ? error : undefined;
  return { message: messageOf(error, locale), code: known?.code ?? 'UNKNOWN', fields: known?.problem?.errors ?? [] };
}

/** Makes a message for people of whatever was thrown; undefined when there is no error. */
export function useApiError(): (error: unknown) => ErrorMessage | undefined {
  const locale = useLocale();
  return useCallback((error) => (error === undefined ? undefined : messageOfError(locale, error)), [locale]);
}
