// Whether the server can be reached (W10). What the browser says of the line is a hint; the server's health page decides.
// While it cannot be reached it is asked again and again, so that a flush starts the moment it is back.

const probeMs = [1_000, 1_000, 2_000, 5_000, 5_000, 10_000, 15_000, 30_000];

export class Line {
  private hintUp: boolean;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private probing = false;

  constructor(
    hintUp: boolean,
    private readonly probe: () => Promise<boolean>,
    private readonly tell: (up: boolean) => void,
  ) {
    this.hintUp = hintUp;
  }

  get up(): boolean {
    return this.hintUp;
  }

  /** Of the browser. Going away is believed only when the server is gone too. */
  hint(up: boolean): void {
    this.hintUp = up;
    this.tries = 0;
    void this.ask(!up);
  }

  /** An exchange has shown it. */
  reached(reached: boolean): void {
    if (reached) {
      this.stop();
    } else if (this.timer === undefined && !this.probing) {
      this.later();
    }
  }

  async ask(tellIfGone: boolean): Promise<boolean> {
    this.stop();
    this.probing = true;
    const up = await this.probe();
    this.probing = false;
    if (up || tellIfGone) this.tell(up);
    if (!up) this.later();
    return up;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private later(): void {
    const wait = probeMs[Math.min(this.tries, probeMs.length - 1)] ?? 30_000;
    this.tries += 1;
    this.stop();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.ask(false).then((up) => {
        if (up) this.tries = 0;
      });
    }, wait);
  }
}
