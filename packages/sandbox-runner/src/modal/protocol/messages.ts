import type { z } from 'zod';
import { COMMAND_METHODS } from './command-methods.ts';
import { CONNECTION_METHODS } from './connection-methods.ts';
import { FILE_METHODS } from './file-methods.ts';
import type { FROM_SHIM, TO_SHIM } from './notifications.ts';
import { SANDBOX_METHODS } from './sandbox-methods.ts';

/** Raised with every change that an older shim or caller would not understand. */
export const SHIM_SCHEMA_VERSION = 2;

/** All requests, by the name of their method. */
export const METHODS = {
  ...CONNECTION_METHODS,
  ...SANDBOX_METHODS,
  ...COMMAND_METHODS,
  ...FILE_METHODS,
} as const;

export type MethodName = keyof typeof METHODS;
export type MethodParams<M extends MethodName> = z.input<(typeof METHODS)[M]['params']>;
export type MethodResult<M extends MethodName> = z.output<(typeof METHODS)[M]['result']>;

export type NoticeName = keyof typeof FROM_SHIM;
/** One notification of the shim, told apart by its method. */
export type Notice = {
  readonly [N in NoticeName]: { readonly method: N; readonly params: z.output<(typeof FROM_SHIM)[N]> };
}[NoticeName];

export type OrderName = keyof typeof TO_SHIM;
export type OrderParams<N extends OrderName> = z.input<(typeof TO_SHIM)[N]>;
