// A modal dialog on the browser's own <dialog>: focus stays inside, Escape and the back button close it, focus returns to
// where it came from.
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useText } from '../provider.js';
import { Icon } from './icons.js';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** `side`: along the end of the page, for what is looked at beside the work. */
  readonly place?: 'middle' | 'side';
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, place = 'middle', children }: DialogProps): ReactNode {
  const text = useText();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`o-dialog o-dialog-${place}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="o-dialog-body">
        <header className="o-dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="o-button o-button-plain" onClick={onClose} aria-label={text('panel.close')}>
            <Icon name="cross" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** An error as people read it; announced when it appears. */
export function ErrorText({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <p className="o-error" role="alert">
      <Icon name="alert" />
      <span>{children}</span>
    </p>
  );
}
