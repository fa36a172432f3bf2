// @outpost/react: what an application takes from it.
export { OutpostProvider, useDirection, useLocale, useOutpost, useText, type OutpostProviderProps } from './provider.js';
export { directionOf, type Catalogs, type Direction, type MessageId, type Text, type Values } from './messages/index.js';

export { useAction, type Action } from './hooks/use_action.js';
export { useApiError, type ErrorMessage } from './hooks/use_api_error.js';
export { useCommand } from './hooks/use_command.js';
export { useConflicts } from './hooks/use_conflicts.js';
export { connectionOf, useConnection, type Connection, type ConnectionState } from './hooks/use_connection.js';
export { useDocument, useLiveQuery } from './hooks/use_live_query.js';
export { useTicking } from './hooks/use_now.js';
export { useQueue, useQueueActions, type QueueControls } from './hooks/use_queue.js';
export { recordStatusOf, useRecordStatus, type RecordState, type RecordStatus } from './hooks/use_record_status.js';
export { useSyncStatus } from './hooks/use_sync_status.js';
export { formatAge, minorUnits, useDateTime, useMoney, useName, useNumber } from './format.js';

export { ConflictDialog, type ConflictDialogProps } from './components/conflict_dialog.js';
export { ConflictScreen, type ConflictScreenProps } from './components/conflict_screen.js';
export { ConnectionBanner, type ConnectionBannerProps } from './components/connection_banner.js';
export { Dialog, ErrorText, type DialogProps } from './components/dialog.js';
export { Icon, type IconName } from './components/icons.js';
export { Notices, type NoticesProps } from './components/notices.js';
export { RecordBadge, type RecordBadgeProps } from './components/record_badge.js';
export { SyncPanel, type SyncPanelProps } from './components/sync_panel.js';
