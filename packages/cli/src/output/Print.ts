import { Effect } from "effect"

/** Writes to standard output, where results go. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => void process.stdout.write(`${text}\n`, () => resume(Effect.void)))

export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))
