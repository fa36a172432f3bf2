import { act, cleanup, render, screen } from '@testing-library/react';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { OutpostProvider, useOutpost } from '../index.js';
import { FakeOutpost } from '../testing/index.js';
import { outpostQuery, useOutpostInvalidation } from './index.js';

afterEach(cleanup);

function Orders(): ReactNode {
  useOutpostInvalidation();
  const { data = [] } = useQuery(outpostQuery(useOutpost(), { collection: 'orders' }));
  return <p>{data.length} orders</p>;
}

describe('TanStack Query over collections', () => {
  it('reads from the device, with the line down, and again when the collection changes', async () => {
    const outpost = new FakeOutpost();
    await outpost.setLine('cut');
    render(
      <QueryClientProvider client={new QueryClient()}>
        <OutpostProvider outpost={outpost}>
          <Orders />
        </OutpostProvider>
      </QueryClientProvider>,
    );
    expect(await screen.findByText('0 orders')).toBeTruthy();
    act(() => outpost.elsewhere({ collection: 'orders', id: 'o1', doc: { id: 'o1' } }));
    expect(await screen.findByText('1 orders')).toBeTruthy();
  });
});
