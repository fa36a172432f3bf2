// ULIDs minted in the tab: sortable by time, unique by 80 random bits, rising within a millisecond.

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const randomLength = 16;

let lastTime = -1;
let lastRandom: number[] = [];

function freshRandom(): number[] {
  return Array.from(crypto.getRandomValues(new Uint8Array(randomLength)), (byte) => byte & 31);
}

function increment(random: number[]): void {
  for (let i = random.length - 1; i >= 0; --i) {
    const next = (random[i] ?? 0) + 1;
    random[i] = next & 31;
    if (next < 32) return;
  }
}

export function newUlid(now: number = Date.now()): string {
  // A clock that was set back does not make ids fall.
  const time = Math.max(now, lastTime);
  if (time === lastTime) {
    increment(lastRandom);
  } else {
    lastRandom = freshRandom();
    lastTime = time;
  }
  let head = '';
  for (let rest = time, i = 0; i < 10; ++i) {
    head = (digits[rest % 32] ?? '0') + head;
    rest = Math.floor(rest / 32);
  }
  return head + lastRandom.map((value) => digits[value] ?? '0').join('');
}
