// What a kitchen may set on its screen: language, when colours change; in the demo, the cable.
import { CableSwitch, LanguageChoice, type AppContext } from '@outpost/app-shell';
import { Dialog, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { KitchenMessageId } from './messages.js';
import type { Sla } from './sla.js';

export interface SettingsDialogProps {
  readonly context: AppContext;
  readonly sla: Sla;
  readonly onSla: (sla: Sla) => void;
  readonly cable: readonly [boolean, (pulled: boolean) => void];
  readonly onClose: () => void;
}

const minutesMax = 240;

export function SettingsDialog({ context, sla, onSla, cable: [pulled, pull], onClose }: SettingsDialogProps): ReactNode {
  const text = useText<KitchenMessageId>();
  const field = (name: keyof Sla, label: KitchenMessageId): ReactNode => (
    <label className="o-field">
      <span>{text(label)}</span>
      <input
        type="number"
        min={1}
        max={minutesMax}
        value={sla[name]}
        onChange={({ target }) => {
          const minutes = Math.round(Number(target.value));
          if (minutes >= 1 && minutes <= minutesMax) onSla({ ...sla, [name]: minutes });
        }}
      />
    </label>
  );
  return (
    <Dialog title={text('kitchen.settings')} onClose={onClose}>
      <LanguageChoice locale={context.locale} onChoose={context.chooseLocale} />
      <h3>{text('kitchen.sla')}</h3>
      {field('soonMinutes', 'kitchen.sla.soon')}
      {field('lateMinutes', 'kitchen.sla.late')}
      <p>{text('kitchen.keys')}</p>
      {context.session.demo && <CableSwitch pulled={pulled} onPull={pull} />}
    </Dialog>
  );
}
