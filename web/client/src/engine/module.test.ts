import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EngineModule } from './module.js';
import type { Answer, Conclusion } from './operations.js';
import { memoryFiles, type StoreFiles } from './store_files.js';

const bytes = readFileSync(fileURLToPath(new URL('../../../../build/wasm/wasm/outpost.wasm', import.meta.url)));
const module = new WebAssembly.Module(bytes);
const now = 1_760_000_000_000;
const order = { id: 'o1', items: [{ sku: 'tea', name: 'Tea – ‏چای', quantity: 2, unitPrice: 250 }] };

function open(files: StoreFiles): EngineModule {
  const engine = EngineModule.start(module, files);
  expect(ask(engine, { do: 'open', workspace: 'w', user: 'ann', seed: 7 })).toHaveProperty('ok');
  return engine;
}

function ask(engine: EngineModule, operation: object): Answer {
  return JSON.parse(engine.perform([{ text: JSON.stringify(operation) }], now)[0] ?? '') as Answer;
}

describe('the engine in WebAssembly', () => {
  it('executes a group, shows its effects and wants it sent', () => {
    const engine = open(memoryFiles());
    ask(engine, { do: 'start' });
    const calls = [{ do: 'execute', type: 'ORDER_CREATE_V1', payload: order }, { do: 'get', collection: 'orders', id: 'o1' }];
    const texts = engine.perform(calls.map((call) => ({ text: JSON.stringify(call) })), now);
    expect(texts).toHaveLength(3);
    expect(JSON.parse(texts[1] ?? '')).toMatchObject({ ok: { doc: { total: 500, items: [{ name: 'Tea – ‏چای' }] }, pending: true } });
    const conclusion = JSON.parse(texts[2] ?? '') as Conclusion;
    expect(conclusion.status).toMatchObject({ waiting: 1, inFlight: 1 });
    expect(conclusion.effects.some((effect) => effect.effect === 'send' && effect.target === '/sync/commands')).toBe(true);
  });

  it('finds everything again in the files of another instance', () => {
    const files = memoryFiles();
    ask(open(files), { do: 'execute', type: 'ORDER_CREATE_V1', payload: order });
    const again = open(files);
    expect(ask(again, { do: 'queue' })).toMatchObject({ ok: [{ type: 'ORDER_CREATE_V1', status: 'PENDING', payload: order }] });
    expect(ask(again, { do: 'checkOverlays' })).toEqual({ ok: null });
  });

  it('tells a full storage as such, and goes on when there is room', () => {
    const files = memoryFiles();
    const engine = open(files);
    const log = files.files[2];
    const write = log.write.bind(log);
    log.write = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    expect(ask(engine, { do: 'execute', type: 'ORDER_CREATE_V1', payload: order })).toMatchObject({ error: { code: 'QUEUE_FULL' } });
    log.write = write;
    expect(ask(engine, { do: 'execute', type: 'ORDER_CREATE_V1', payload: order })).toHaveProperty('ok');
    expect(ask(engine, { do: 'queue' })).toMatchObject({ ok: [{ n: 1 }] });
  });

  it('answers a file that throws with an error, not with a trap', () => {
    const files = memoryFiles();
    const engine = open(files);
    files.files[2].flush = () => {
      throw new DOMException('gone', 'InvalidStateError');
    };
    expect(ask(engine, { do: 'execute', type: 'ORDER_CREATE_V1', payload: order })).toMatchObject({ error: { code: 'STORE_FAILED' } });
  });

  it('refuses what is no operation', () => {
    const engine = open(memoryFiles());
    expect(ask(engine, { do: 'constructor' })).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    expect(engine.perform([{ text: '{"do":' }], now)[0]).toContain('INVALID_ARGUMENT');
  });
});
