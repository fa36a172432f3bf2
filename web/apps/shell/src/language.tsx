// The language of the page: chosen by people, kept, and said to the browser (lang, dir).
import type { Locale } from '@outpost/client';
import { directionOf, useText } from '@outpost/react';
import { useEffect, useState, type ReactNode } from 'react';
import { keep, recall } from './keep.js';
import type { ShellMessageId } from './messages.js';

const names: { readonly [locale in Locale]: string } = { en: 'English', fa: 'فارسی', ar: 'العربية' };

const isLocale = (text: string | null | undefined): text is Locale => text !== null && text !== undefined && text in names;

function firstLocale(): Locale {
  const asked = new URLSearchParams(location.search).get('lang');
  const kept = recall<string>('language');
  const own = navigator.language.slice(0, 2);
  return [asked, kept, own].find(isLocale) ?? 'en';
}

export function useLanguage(): [Locale, (locale: Locale) => void] {
  const [locale, setLocale] = useState(firstLocale);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dir = directionOf(locale);
  }, [locale]);
  const choose = (next: Locale): void => {
    keep('language', next);
    setLocale(next);
  };
  return [locale, choose];
}

export interface LanguageChoiceProps {
  readonly locale: Locale;
  readonly onChoose: (locale: Locale) => void;
}

export function LanguageChoice({ locale, onChoose }: LanguageChoiceProps): ReactNode {
  const text = useText<ShellMessageId>();
  return (
    <select className="s-language" aria-label={text('shell.language')} value={locale} onChange={({ target }) => onChoose(target.value as Locale)}>
      {Object.entries(names).map(([id, name]) => (
        <option key={id} value={id} lang={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
