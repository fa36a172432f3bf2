// One of the two applications, as it is, in a frame; it tells how it stands, and takes the cable.
import { useText } from '@outpost/react';
import type { CableMessage } from '@outpost/app-shell';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { StartMessageId } from './messages.js';

interface Told {
  readonly outpost: 'state';
  readonly waiting: number;
  readonly online: boolean;
}

const isTold = (data: unknown): data is Told => typeof data === 'object' && data !== null && 'outpost' in data && data.outpost === 'state';

export interface AppFrameProps {
  readonly app: 'pos' | 'kitchen';
  readonly title: StartMessageId;
  readonly locale: string;
  readonly pulled?: boolean;
}

export function AppFrame({ app, title, locale, pulled }: AppFrameProps): ReactNode {
  const text = useText<StartMessageId>();
  const frame = useRef<HTMLIFrameElement>(null);
  const [state, setState] = useState<Told>();
  useEffect(() => {
    const listen = ({ source, origin, data }: MessageEvent<unknown>): void => {
      if (origin === location.origin && source === frame.current?.contentWindow && isTold(data)) setState(data);
    };
    addEventListener('message', listen);
    return () => removeEventListener('message', listen);
  }, []);
  useEffect(() => {
    const message: CableMessage = { outpost: 'cable', pulled: pulled ?? false };
    if (pulled !== undefined) frame.current?.contentWindow?.postMessage(message, location.origin);
  }, [pulled]);
  return (
    <section className="t-app" aria-label={text(title)}>
      <header>
        <h2>{text(title)}</h2>
        {state !== undefined && (
          <p role="status" className={state.online ? 't-online' : 't-offline'}>
            {text(state.online ? 'start.state.online' : 'start.state.offline')} · {text('start.state.waiting', { count: state.waiting })}
          </p>
        )}
        <a className="o-button" href={`/apps/${app}`} target="_blank" rel="noreferrer">
          {text('start.open')}
        </a>
      </header>
      <iframe ref={frame} title={text(title)} src={`/apps/${app}?lang=${locale}`} allow="autoplay" />
    </section>
  );
}
