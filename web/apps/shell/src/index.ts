export { CableSwitch, useCable, useToldToParent, type CableMessage, type StateMessage } from './cable.js';
export { keep, recall } from './keep.js';
export { LanguageChoice, useLanguage } from './language.js';
export { withShell, type ShellMessageId } from './messages.js';
export { ShellTexts } from './opening.js';
export { findSession, tokenSource, type Identity, type Session } from './session.js';
export { startApp, type AppContext, type AppDefinition } from './start.js';
