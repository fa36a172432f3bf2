// A refused command is changed and sent again: a new one takes its place.
import type { CommandRecord, JsonObject } from '@outpost/client';
import { useState, type ReactNode } from 'react';
import { nameOfCommand, nameOfField } from '../describe.js';
import { useAction } from '../hooks/use_action.js';
import { useApiError } from '../hooks/use_api_error.js';
import { fieldsOf, withFields, type PayloadField } from '../payload_fields.js';
import { useShared } from '../provider.js';
import { Dialog, ErrorText } from './dialog.js';

export interface EditDialogProps {
  readonly command: CommandRecord;
  readonly onClose: (sent: boolean) => void;
}

export function EditDialog({ command, onClose }: EditDialogProps): ReactNode {
  const { outpost, text } = useShared();
  const [changes, setChanges] = useState<ReadonlyMap<string, string | number>>(new Map());
  const edit = useAction((payload: JsonObject) => outpost.edit(command.id, { payload }));
  const error = useApiError()(edit.error);
  const save = async (): Promise<void> => {
    const payload = withFields(command.payload, changes) as JsonObject;
    if ((await edit.run(payload)) !== undefined) onClose(true);
  };
  return (
    <Dialog title={text('edit.title')} onClose={() => onClose(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p>
          <strong>{nameOfCommand(text, command)}</strong> – {text('edit.help')}
        </p>
        {fieldsOf(command.payload).map((field) => (
          <Field key={field.path} field={field} label={nameOfField(text, field.path)} onChange={(value) => setChanges(new Map(changes).set(field.path, value))} />
        ))}
        {error !== undefined && <ErrorText>{error.message}</ErrorText>}
        {error?.fields.map(({ field, message }) => (
          <p key={field} className="o-error-field">
            {nameOfField(text, field)}: {message}
          </p>
        ))}
        <div className="o-actions">
          <button type="button" className="o-button" onClick={() => onClose(false)}>
            {text('action.cancel')}
          </button>
          <button type="submit" className="o-button o-button-main" disabled={edit.busy}>
            {text('action.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Field({ field, label, onChange }: { readonly field: PayloadField; readonly label: string; readonly onChange: (value: string | number) => void }): ReactNode {
  const isNumber = typeof field.value === 'number';
  return (
    <label className="o-field">
      <span>{label}</span>
      <input
        type={isNumber ? 'number' : 'text'}
        step={1}
        defaultValue={field.value}
        onChange={({ target }) => onChange(isNumber && target.value !== '' ? Number(target.value) : target.value)}
      />
    </label>
  );
}
