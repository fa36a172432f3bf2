// The conflict screen as a dialog: of one command, or of the first there is.
import type { CommandId } from '@outpost/client';
import { useEffect, type ReactNode } from 'react';
import { useConflicts } from '../hooks/use_conflicts.js';
import { useText } from '../provider.js';
import { ConflictScreen } from './conflict_screen.js';
import { Dialog } from './dialog.js';

export interface ConflictDialogProps {
  readonly command?: CommandId | undefined;
  readonly currency?: string;
  readonly onClose: () => void;
}

export function ConflictDialog({ command, currency = 'EUR', onClose }: ConflictDialogProps): ReactNode {
  const text = useText();
  const conflicts = useConflicts();
  const conflict = command === undefined ? conflicts?.[0] : conflicts?.find((one) => one.command.id === command);
  const settled = conflicts !== undefined && conflict === undefined;
  useEffect(() => {
    if (settled && command !== undefined) onClose();
  }, [settled, command, onClose]);
  return (
    <Dialog title={text('conflict.title')} onClose={onClose}>
      {conflict === undefined ? (
        <p>{settled ? text('conflict.none') : ''}</p>
      ) : (
        <ConflictScreen key={conflict.command.id} conflict={conflict} currency={currency} />
      )}
    </Dialog>
  );
}
