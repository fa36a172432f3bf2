// One of the two applications, as it is, in a frame; it tells how it stands, and takes the cable.
import { useText } from '@outpost/react';
import type { CableMessage, StateMessage } from '@outpost/app-shell';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { StartMessageId } from './messages.js';

const isState = (data: unknown): data is StateMessage => typeof data === 'object' && data !== null && 'outpost' in data && data.outpost === 'state';

export interface AppFrameProps {
  readonly app: 'pos' | 'kitchen';
  readonly title: StartMessageId;
  readonly locale: string;
  readonly pulled?: boolean;
  readonly onState?: (state: StateMessage) => void;
}

export function AppFrame({ app, title, locale, pulled, onState }: AppFrameProps): ReactNode {
  const text = useText<StartMessageId>();
  const frame = useRef<HTMLIFrameElement>(null);
  const [state, setState] = useState<StateMessage>();
  // Loaded anew, the application has to hear of the cable again.
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    const listen = ({ source, origin, data }: MessageEvent<unknown>): void => {
      if (origin === location.origin && source === frame.current?.contentWindow && isState(data)) {
        setState(data);
        onState?.(data);
      }
    };
    addEventListener('message', listen);
    return () => removeEventListener('message', listen);
  }, [onState]);
  const heard = state !== undefined;
  useEffect(() => {
    const message: CableMessage = { outpost: 'cable', pulled: pulled ?? false };
    if (pulled !== undefined && heard) frame.current?.contentWindow?.postMessage(message, location.origin);
  }, [pulled, heard, loads]);
  return (
    <section className="t-app" aria-label={text(title)}>
      <header>
        <h2>{text(title)}</h2>
        {state !== undefined && (
          <p role="status" className={`t-line t-line-${state.line}`}>
            {text(`start.state.${state.line}`)} · {text('start.state.waiting', { count: state.waiting })}
          </p>
        )}
        <a className="o-button" href={`/apps/${app}`} target="_blank" rel="noreferrer">
          {text('start.open')}
        </a>
      </header>
      <iframe ref={frame} title={text(title)} src={`/apps/${app}?lang=${locale}`} allow="autoplay" onLoad={() => setLoads((count) => count + 1)} />
    </section>
  );
}
