/** Writes to standard output: only `Print.ts` does. */
export const writeOut = process.stdout.write.bind(process.stdout)

/**
 * Keeps standard output for the answer: what anything else writes to it, such as `console.log` in a plugin, goes to
 * standard error.
 */
export const keepStdout = (): void => {
  process.stdout.write = process.stderr.write.bind(process.stderr)
}
