import { useNumber, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import { withDigit } from './cash.js';

const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Digits as on a till. The layout of a keypad does not turn with the language. */
export function Keypad({ amount, onAmount }: { readonly amount: number; readonly onAmount: (amount: number) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const number = useNumber();
  const key = (digit: number): ReactNode => (
    <button key={digit} type="button" className="o-button" onClick={() => onAmount(withDigit(amount, digit))}>
      {number(digit)}
    </button>
  );
  return (
    <div className="p-keypad" dir="ltr">
      {digits.map(key)}
      <button type="button" className="o-button" onClick={() => onAmount(0)}>
        {text('pay.clear')}
      </button>
      {key(0)}
      <button type="button" className="o-button" aria-label={text('pay.digit')} onClick={() => onAmount(Math.floor(amount / 10))}>
        ⌫
      </button>
    </div>
  );
}
