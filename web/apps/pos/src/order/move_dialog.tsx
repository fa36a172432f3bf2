// An order that the kitchen does not know yet moves to another table. It is the one change that looks at the version:
// two people moving one order to different tables have to choose.
import { Dialog, ErrorText, useApiError, useCommand, useName, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import type { OrderDocument } from '../model.js';
import { useTableNames } from '../tables.js';

export function MoveDialog({ order, onClose }: { readonly order: OrderDocument; readonly onClose: (moved: boolean) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const names = useTableNames();
  const named = useName();
  const modify = useCommand('ORDER_MODIFY_V1');
  const error = useApiError()(modify.error);
  const move = async (tableId: string): Promise<void> => {
    const done = await modify.run({ id: order.id, tableId }, order.version > 0 ? { expectedVersion: order.version } : {});
    if (done !== undefined) onClose(true);
  };
  return (
    <Dialog title={text('pos.move')} onClose={() => onClose(false)}>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <div className="p-choices">
        {names
          .filter((name) => name !== order.doc.tableId)
          .map((name) => (
            <button key={name} type="button" className="o-button" disabled={modify.busy} onClick={() => void move(name)}>
              {text('pos.table', { name: named(name) })}
            </button>
          ))}
      </div>
    </Dialog>
  );
}
