// Where no demo server hands out tokens, people bring one.
import { useText } from '@outpost/react';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { ShellMessageId } from './messages.js';
import type { Session } from './session.js';

export function SignIn({ user, workspace, onSignIn }: { readonly user: string; readonly workspace: string; readonly onSignIn: (session: Session) => void }): ReactNode {
  const text = useText<ShellMessageId>();
  const [fields, setFields] = useState({ workspace, user, token: '' });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSignIn({ ...fields, token: fields.token.trim(), demo: false });
  };
  const field = (name: keyof typeof fields, label: ShellMessageId): ReactNode => (
    <label className="o-field">
      <span>{text(label)}</span>
      <input
        required
        autoComplete={name === 'user' ? 'username' : 'off'}
        type={name === 'token' ? 'password' : 'text'}
        {...(name === 'token' ? {} : { pattern: '[A-Za-z0-9_.:\\-]{1,128}' })}
        value={fields[name]}
        onChange={({ target }) => setFields({ ...fields, [name]: target.value })}
      />
    </label>
  );
  return (
    <main className="s-center">
      <h1>{text('shell.signIn')}</h1>
      <form onSubmit={submit}>
        {field('workspace', 'shell.workspace')}
        {field('user', 'shell.user')}
        {field('token', 'shell.token')}
        <p className="o-item-when">{text('shell.token.help')}</p>
        <button type="submit" className="o-button o-button-main">
          {text('shell.signIn')}
        </button>
      </form>
    </main>
  );
}
