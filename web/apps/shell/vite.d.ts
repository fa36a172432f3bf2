import type { UserConfig } from 'vite';
export function appConfig(name: string, options?: { worker?: boolean }): UserConfig;
