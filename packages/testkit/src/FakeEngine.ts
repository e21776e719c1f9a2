import { fileURLToPath } from "node:url"
import type { ServerBehaviour } from "./FakeServer.ts"

/** How the fake engine behaves as a process; otherwise it is the fake server. */
export interface EngineBehaviour extends ServerBehaviour {
  /** Port to listen on, at 127.0.0.1. */
  readonly port?: number
  /** Milliseconds until it listens, or ends. */
  readonly loadMs?: number
  /** Writes this to standard error, and ends with this exit code, before it listens. */
  readonly exits?: { readonly code: number; readonly says: string }
  /** Does not end at SIGTERM. */
  readonly deaf?: boolean
  /** Has a child that does not end at SIGTERM either. */
  readonly leavesChild?: boolean
}

/** The command that starts an engine that is a real process but runs no model. */
export const fakeEngine = (
  behaviour: EngineBehaviour,
): { readonly command: string; readonly args: ReadonlyArray<string> } => ({
  command: process.execPath,
  args: [PROGRAM, JSON.stringify(behaviour)],
})

/** Beside this file, in `src` and built in `dist` alike. */
const PROGRAM = fileURLToPath(new URL(`./engine${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url))
