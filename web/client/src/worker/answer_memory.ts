// Answers by the ids of their calls, for calls that come again because their tab could not know that they had come. Small
// ones only: reading again is harmless.

const answersMax = 4_096;
const textMax = 64 << 10;

export class AnswerMemory {
  private readonly texts = new Map<string, string | null>();

  /** Undefined: never seen, or long ago. */
  find(id: string): string | 'underWay' | undefined {
    const text = this.texts.get(id);
    return text === null ? 'underWay' : text;
  }

  begin(id: string): void {
    this.texts.set(id, null);
  }

  end(id: string, text: string): void {
    this.texts.delete(id);
    if (text.length > textMax) return;
    this.texts.set(id, text);
    if (this.texts.size <= answersMax) return;
    const oldest = this.texts.keys().next().value;
    if (oldest !== undefined) this.texts.delete(oldest);
  }
}
