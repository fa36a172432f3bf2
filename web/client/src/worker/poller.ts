// Polling where there is no live stream (R5), and pulls that a stream asks for: those that fall together are one.

export class Poller {
  private timer: ReturnType<typeof setInterval> | undefined;
  private asked = false;

  constructor(
    private readonly everyMs: number,
    private readonly syncNow: () => void,
  ) {}

  run(polling: boolean): void {
    if (polling === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.timer = polling ? setInterval(() => this.pull(), this.everyMs) : undefined;
  }

  pull(): void {
    if (this.asked) return;
    this.asked = true;
    queueMicrotask(() => {
      this.asked = false;
      this.syncNow();
    });
  }

  stop(): void {
    this.run(false);
  }
}
