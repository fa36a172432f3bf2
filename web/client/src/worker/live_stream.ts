// The live stream (R5): server-sent events, read by fetch so that the token stays out of addresses. An event says that
// there is something to pull; the pull itself is the engine's, so that there is one way for documents to come in.
// Whenever the stream cannot be had, its owner polls.

const reconnectMs = [1_000, 2_000, 5_000, 15_000, 30_000];
// The server sends a comment every 15 s: silence beyond means that nobody is there any more.
const silenceMs = 40_000;
// A line that is longer is data, whatever follows of it.
const longestName = 64;

export interface LiveListener {
  /** Something has changed on the server. */
  changed(): void;
  /** The stream is open, or is not any more. */
  opened(open: boolean): void;
}

export class LiveStream {
  private controller: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private wanted = false;

  constructor(
    private readonly address: () => string,
    private readonly token: () => Promise<string | null>,
    private readonly listener: LiveListener,
  ) {}

  get running(): boolean {
    return this.wanted;
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.failures = 0;
    void this.run();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.controller?.abort();
  }

  /** Anew: another subscription, another token, or the line came back. */
  restart(): void {
    if (!this.wanted) return;
    this.stop();
    this.start();
  }

  private async run(): Promise<void> {
    const controller = new AbortController();
    this.controller = controller;
    try {
      await this.read(controller);
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    if (this.controller !== controller) return;
    this.listener.opened(false);
    if (!this.wanted) return;
    const wait = reconnectMs[Math.min(this.failures, reconnectMs.length - 1)] ?? 30_000;
    this.timer = setTimeout(() => void this.run(), wait * (0.8 + 0.4 * Math.random()));
  }

  private async read(controller: AbortController): Promise<void> {
    const token = await this.token();
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (token !== null) headers['Authorization'] = `Bearer ${token}`;
    const response = await fetch(this.address(), { headers, signal: controller.signal, cache: 'no-store', credentials: 'omit' });
    const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
    if (!response.ok || !isStream || response.body === null) throw new Error('no stream');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let silence = setTimeout(() => controller.abort(), silenceMs);
    try {
      this.listener.opened(true);
      for (let rest = ''; ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => controller.abort(), silenceMs);
        const lines = (rest + value).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > longestName) rest = 'data';
        if (lines.some((line) => line.startsWith('event: changes'))) this.listener.changed();
      }
    } finally {
      clearTimeout(silence);
    }
  }
}
