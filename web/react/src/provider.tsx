// <OutpostProvider> gives everything below it the client, the language and what hooks share. It renders no element of
// its own: an application sets lang and dir where its language is chosen (useDirection).
import type { Locale, Outpost } from '@outpost/client';
import type { IntlShape } from '@formatjs/intl';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { Clock } from './clock.js';
import { CommandIndex } from './command_index.js';
import { directionOf, makeIntl, textOf, type Catalogs, type Direction, type MessageId, type Text } from './messages/index.js';

interface Shared {
  readonly outpost: Outpost;
  readonly commands: CommandIndex;
  readonly clock: Clock;
  readonly locale: Locale;
  readonly intl: IntlShape<string>;
  readonly text: Text<string>;
}

const SharedContext = createContext<Shared | undefined>(undefined);

export interface OutpostProviderProps {
  readonly outpost: Outpost;
  readonly locale?: Locale;
  /** The application's own texts, on top of this package's. */
  readonly messages?: Catalogs;
  readonly children: ReactNode;
}

export function OutpostProvider({ outpost, locale = 'en', messages, children }: OutpostProviderProps): ReactNode {
  const device = useMemo(() => ({ outpost, commands: new CommandIndex(outpost), clock: new Clock() }), [outpost]);
  const language = useMemo(() => {
    const intl = makeIntl(locale, messages);
    return { locale, intl, text: textOf(intl) as Text<string> };
  }, [locale, messages]);
  const shared = useMemo(() => ({ ...device, ...language }), [device, language]);
  return <SharedContext.Provider value={shared}>{children}</SharedContext.Provider>;
}

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error('Outpost hooks need an <OutpostProvider> above them');
  return shared;
}

export const useOutpost = (): Outpost => useShared().outpost;
export const useLocale = (): Locale => useShared().locale;
export const useDirection = (): Direction => directionOf(useShared().locale);
/** The text function; applications name their own message names as `Id`. */
export const useText = <Id extends string = MessageId>(): Text<Id> => useShared().text as Text<Id>;
