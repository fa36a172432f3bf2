// Small things kept by the browser per device: language, who is signed in, a muted bell. Never data of the business; a
// browser that keeps nothing is no error.

export function recall<T>(name: string): T | undefined {
  try {
    const text = localStorage.getItem(`outpost.${name}`);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`outpost.${name}`);
    else localStorage.setItem(`outpost.${name}`, JSON.stringify(value));
  } catch {
    // Without it the page asks again at the next start.
  }
}
