// The few signs there are, drawn in the colour of the text and hidden from screen readers: words stand beside them.
import type { ReactNode } from 'react';

export type IconName = 'check' | 'clock' | 'sync' | 'alert' | 'cross' | 'cloudOff' | 'queue' | 'person';

const paths: { readonly [name in IconName]: string } = {
  check: 'M5 13l4 4L19 7',
  clock: 'M12 7v5l3 2M12 3a9 9 0 100 18 9 9 0 000-18z',
  sync: 'M20 11A8 8 0 006 6.3L4 8m0-4v4h4M4 13a8 8 0 0014 4.7l2-1.7m0 4v-4h-4',
  alert: 'M12 9v4m0 4h.01M12 3L2 20h20L12 3z',
  cross: 'M6 6l12 12M18 6L6 18',
  cloudOff: 'M3 3l18 18M9 6a6 6 0 018.7 4.3A4 4 0 0119 18M6.2 9.2A4.5 4.5 0 007 18h9',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21a8 8 0 0116 0',
  queue: 'M4 6h16M4 12h16M4 18h10',
};

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="o-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
