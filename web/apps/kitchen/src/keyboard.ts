// For kitchens with a bump bar instead of a touch screen: arrows go from ticket to ticket, Enter presses its button.
import { useEffect } from 'react';

const buttons = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>('.k-step')];

/** How many tickets stand in one row, from where they are drawn. */
function columns(all: readonly HTMLButtonElement[]): number {
  const top = all[0]?.closest('.k-ticket')?.getBoundingClientRect().top;
  const next = all.findIndex((button) => button.closest('.k-ticket')?.getBoundingClientRect().top !== top);
  return next < 0 ? all.length : Math.max(1, next);
}

function stepOf(key: string, perRow: number): number | undefined {
  const ahead = document.documentElement.dir === 'rtl' ? -1 : 1;
  switch (key) {
    case 'ArrowRight':
      return ahead;
    case 'ArrowLeft':
      return -ahead;
    case 'ArrowDown':
      return perRow;
    case 'ArrowUp':
      return -perRow;
    default:
      return undefined;
  }
}

export function useTicketKeys(toggleSound: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || document.querySelector('dialog[open]') !== null) return;
      if (event.key.toLowerCase() === 'm' && !event.ctrlKey && !event.metaKey && !event.altKey) return toggleSound();
      const all = buttons();
      const step = stepOf(event.key, columns(all));
      if (step === undefined || all.length === 0) return;
      event.preventDefault();
      const at = all.indexOf(document.activeElement as HTMLButtonElement);
      const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
      all[next]?.focus();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [toggleSound]);
}
