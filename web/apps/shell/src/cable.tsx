// The demo's cable: cuts the line of this page only. The start page pulls it by a message from the frame around.
import { useOutpost, useSyncStatus, useText } from '@outpost/react';
import { useEffect, useState, type ReactNode } from 'react';
import type { ShellMessageId } from './messages.js';

/** From the page around: pull the cable, or put it back. */
export interface CableMessage {
  readonly outpost: 'cable';
  readonly pulled: boolean;
}

const isCableMessage = (data: unknown): data is CableMessage => typeof data === 'object' && data !== null && 'outpost' in data && data.outpost === 'cable';

export function useCable(enabled: boolean): [boolean, (pulled: boolean) => void] {
  const outpost = useOutpost();
  const [pulled, setPulled] = useState(false);
  const pull = (next: boolean): void => {
    setPulled(next);
    void outpost.setLine(next ? 'cut' : 'open');
  };
  useEffect(() => {
    if (!enabled) return undefined;
    const listen = ({ origin, data }: MessageEvent<unknown>): void => {
      if (origin !== location.origin || !isCableMessage(data)) return;
      setPulled(data.pulled);
      void outpost.setLine(data.pulled ? 'cut' : 'open');
    };
    addEventListener('message', listen);
    return () => removeEventListener('message', listen);
  }, [enabled, outpost]);
  return [pulled, pull];
}

/** To the page around: how this one stands. */
export interface StateMessage {
  readonly outpost: 'state';
  readonly waiting: number;
  readonly line: 'cut' | 'online' | 'connecting';
}

export function useToldToParent(): void {
  const { waiting, online, line } = useSyncStatus();
  useEffect(() => {
    const message: StateMessage = { outpost: 'state', waiting, line: line === 'down' ? 'cut' : online ? 'online' : 'connecting' };
    if (parent !== window) parent.postMessage(message, location.origin);
  }, [waiting, online, line]);
}

export function CableSwitch({ pulled, onPull }: { readonly pulled: boolean; readonly onPull: (pulled: boolean) => void }): ReactNode {
  const text = useText<ShellMessageId>();
  return (
    <label className="s-switch s-cable">
      <input type="checkbox" role="switch" checked={pulled} onChange={({ target }) => onPull(target.checked)} />
      <span>{text('shell.cable')}</span>
    </label>
  );
}
