// What people are likely to hand over: the exact amount, and the next round ones.
import { minorUnits } from '@outpost/react';

const notes = [5, 10, 20, 50, 100, 200, 500];
const suggestionsMax = 3;

export function roundAmounts(due: number, currency: string): readonly number[] {
  const unit = minorUnits(currency);
  const above = notes.map((note) => Math.ceil(due / (note * unit)) * note * unit).filter((amount) => amount > due);
  return [...new Set(above)].sort((a, b) => a - b).slice(0, suggestionsMax);
}

const amountMax = 9_999_999_999;

/** A keypad without a point: each digit moves the others up, as tills do. */
export function withDigit(amount: number, digit: number): number {
  const next = amount * 10 + digit;
  return next > amountMax ? amount : next;
}
