import type { Effect, FileSystem } from "effect"
import type { Reported } from "../Accuracy.ts"

/** What a peer has to do: closed loop, each answer of so many tokens. */
export interface PeerWork {
  readonly port: number
  readonly streams: number
  readonly requests: number
  readonly outputTokens: number
  /** Folder of its own: for its results, and with a tokenizer in it. */
  readonly folder: string
}

/** Another load generator, with its defaults. */
export interface Peer {
  readonly name: string
  /** Name of its program. */
  readonly command: string
  readonly words: (work: PeerWork) => ReadonlyArray<string>
  /** What it says of each request, by the request's name in the server's log. */
  readonly reported: (work: PeerWork) => Effect.Effect<ReadonlyMap<string, Reported>, unknown, FileSystem.FileSystem>
}

/** Tokens of a prompt: as few as tell apart, as it is not prompts that are measured. */
export const PROMPT_TOKENS = 4

export const flags = (named: Readonly<Record<string, string | number>>): ReadonlyArray<string> =>
  Object.entries(named).flatMap(([name, value]) => [`--${name}`, `${value}`])

export const milliseconds = (seconds: number): number => seconds * 1e3
