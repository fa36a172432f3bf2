import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import type { Locale } from '@outpost/client';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConflictDialog, ConnectionBanner, Notices, OutpostProvider, RecordBadge, SyncPanel, useApiError, useCommand, useLiveQuery } from '../index.js';
import { FakeOutpost } from '../testing/index.js';

afterEach(cleanup);

const show = (outpost: FakeOutpost, children: ReactNode, locale: Locale = 'en') =>
  render(
    <OutpostProvider outpost={outpost} locale={locale}>
      {children}
    </OutpostProvider>,
  );

const items = [{ sku: 'tea', name: 'Tea', quantity: 1, unitPrice: 300 }];
const order = { collection: 'orders', id: 'o1' };

describe('ConnectionBanner', () => {
  it('says how old what is shown is', () => {
    const outpost = new FakeOutpost({ status: { lastSync: new Date(Date.now() - 3_400).toISOString() } });
    show(outpost, <ConnectionBanner />);
    expect(screen.getByText('Connected – last sync 3 s ago')).toBeTruthy();
  });

  it('counts what waits while the server is out of reach, and names cached tickets when the line is down', async () => {
    const outpost = new FakeOutpost({ answers: 'onDeliver' });
    show(outpost, <ConnectionBanner shows="tickets" />);
    act(() => outpost.setStatus({ online: false }));
    await act(() => outpost.execute('ORDER_CREATE_V1', { id: 'o1', items }));
    await act(() => outpost.execute('ORDER_CREATE_V1', { id: 'o2', items }));
    expect(screen.getAllByText('Reconnecting (2 updates queued)').length).toBeGreaterThan(0);
    await act(() => outpost.setLine('cut'));
    expect(screen.getByRole('status').textContent).toBe('Offline – showing cached tickets');
    expect(screen.getByText(/as of .*2 updates queued/)).toBeTruthy();
  });

  it('shows progress while it sends', () => {
    const outpost = new FakeOutpost({ status: { inFlight: 4, progress: { done: 3, of: 12 } } });
    show(outpost, <ConnectionBanner />, 'fa');
    expect(screen.getByText('در حال ارسال ۳ از ۱۲…')).toBeTruthy();
  });
});

describe('RecordBadge', () => {
  it('goes from not synced to synced', async () => {
    const outpost = new FakeOutpost({ answers: 'onDeliver' });
    show(outpost, <RecordBadge record={order} />);
    await act(() => outpost.execute('ORDER_CREATE_V1', { id: 'o1', items }));
    expect(screen.getByText('Not synced')).toBeTruthy();
    act(() => outpost.deliver());
    expect(screen.getByText('Synced')).toBeTruthy();
  });

  it('retries what failed at a tap', async () => {
    const outpost = new FakeOutpost({ answers: 'onDeliver' });
    outpost.refuse('ORDER_CREATE_V1', { code: 'FORBIDDEN' });
    show(outpost, <RecordBadge record={order} />);
    await act(() => outpost.execute('ORDER_CREATE_V1', { id: 'o1', items }));
    act(() => outpost.deliver());
    await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Failed – tap to retry' })));
    act(() => outpost.deliver());
    expect(screen.getByText('Synced')).toBeTruthy();
  });
});

async function inConflict(): Promise<FakeOutpost> {
  const outpost = new FakeOutpost({ answers: 'onDeliver' });
  outpost.elsewhere({ ...order, doc: { id: 'o1', tableId: '4', status: 'NEW', items: [], total: 0 } });
  await outpost.execute('ORDER_MODIFY_V1', { id: 'o1', tableId: '5' }, { expectedVersion: 1 });
  outpost.elsewhere({ ...order, doc: { id: 'o1', tableId: '7', status: 'NEW', items: [], total: 0 } });
  outpost.deliver();
  return outpost;
}

describe('the conflict screen', () => {
  it('shows both sides of each field', async () => {
    show(await inConflict(), <ConflictDialog onClose={() => undefined} />);
    const row = within(await screen.findByRole('row', { name: /Table/ }));
    expect(row.getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['5', '7']);
  });

  it.each(['Keep mine on the latest', 'Override'])('%s applies mine', async (way) => {
    const outpost = await inConflict();
    show(outpost, <ConflictDialog onClose={() => undefined} />);
    const button = await screen.findByRole('button', { name: way });
    await act(async () => fireEvent.click(button));
    act(() => outpost.deliver());
    expect((await outpost.get(order))?.doc['tableId']).toBe('5');
    expect(outpost.status.quarantined).toBe(0);
  });

  it('Discard asks first and leaves theirs', async () => {
    const outpost = await inConflict();
    show(outpost, <ConflictDialog onClose={() => undefined} />);
    fireEvent.click(await screen.findByRole('button', { name: 'Discard' }));
    const discard = await screen.findByRole('button', { name: 'Discard it' });
    await act(async () => fireEvent.click(discard));
    expect((await outpost.get(order))?.doc['tableId']).toBe('7');
    await waitFor(() => expect(screen.getByText('No conflict is left.')).toBeTruthy());
  });
});

describe('SyncPanel', () => {
  it('filters, and sends a changed command in place of a refused one', async () => {
    const outpost = new FakeOutpost({ answers: 'onDeliver' });
    outpost.refuse('ORDER_CREATE_V1', { code: 'VALIDATION_FAILED' });
    await outpost.execute('ORDER_CREATE_V1', { id: 'o1', items });
    outpost.deliver();
    show(outpost, <SyncPanel />);
    fireEvent.click(screen.getByRole('button', { name: 'Change' }));
    fireEvent.change(await screen.findByLabelText('Quantity'), { target: { value: '3' } });
    await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Save' })));
    act(() => outpost.deliver());
    expect((await outpost.get(order))?.doc['total']).toBe(900);
    expect(screen.getByText('Everything is sent.')).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: 'Done' }));
    expect(screen.getAllByRole('listitem')).toHaveLength(2);
  });

  it('says what falls with a discarded command', async () => {
    const outpost = new FakeOutpost({ answers: 'onDeliver' });
    const first = await outpost.execute('ORDER_CREATE_V1', { id: 'o1', items });
    await outpost.execute('ORDER_SEND_TO_KITCHEN_V1', { id: 'o1' }, { dependsOn: [first.id] });
    show(outpost, <SyncPanel />);
    fireEvent.click(screen.getAllByRole('button', { name: 'Discard' }).at(-1) as HTMLElement);
    expect(await screen.findByText('1 other change depends on it and goes too:')).toBeTruthy();
  });
});

describe('Notices', () => {
  it('warn of storage that does not last, of too many waiting, and count what needs a person', () => {
    const outpost = new FakeOutpost({
      status: { storage: { kind: 'memory', durable: false }, waiting: 100, quarantined: 2 },
    });
    const look = vi.fn();
    show(outpost, <Notices onAttention={look} />);
    expect(screen.getByText('This browser does not keep data')).toBeTruthy();
    expect(screen.getByText('Too many offline operations. Please connect to sync.')).toBeTruthy();
    expect(screen.getByText('2 changes need you')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Look' }));
    expect(look).toHaveBeenCalledOnce();
  });
});

describe('hooks', () => {
  function Till(): ReactNode {
    const orders = useLiveQuery<{ number: string }>({ collection: 'orders', orderBy: 'number' });
    const create = useCommand('ORDER_CREATE_V1');
    const message = useApiError()(create.error);
    return (
      <>
        <button type="button" onClick={() => void create.run({ id: 'o1', items }, { key: 'k' })}>
          create
        </button>
        <p>{orders.documents.length} orders</p>
        <p>{message?.message}</p>
      </>
    );
  }

  it('a second tap while the first runs is not a second operation', async () => {
    const outpost = new FakeOutpost();
    const execute = vi.spyOn(outpost, 'execute');
    show(outpost, <Till />);
    await act(async () => {
      fireEvent.click(screen.getByRole('button'));
      fireEvent.click(screen.getByRole('button'));
    });
    expect(execute).toHaveBeenCalledOnce();
    expect(screen.getByText('1 orders')).toBeTruthy();
  });

  it('an error becomes a message in the chosen language', async () => {
    const outpost = new FakeOutpost();
    vi.spyOn(outpost, 'execute').mockRejectedValue(Object.assign(new Error(), { code: 'QUEUE_FULL' }));
    show(outpost, <Till />, 'ar');
    await act(async () => fireEvent.click(screen.getByRole('button')));
    expect(screen.getByText(/عمليات كثيرة دون اتصال/)).toBeTruthy();
  });
});
