import { execa } from "execa"
import { join } from "node:path"

const CLI = join(import.meta.dirname, "../../packages/cli/dist/bin.js")

/** Starts the built command line in a workspace. */
export const rigbookIn =
  (root: string, env: Readonly<Record<string, string>>) =>
  (...args: ReadonlyArray<string>) =>
    execa(process.execPath, [CLI, ...args], { cwd: root, env: { NO_COLOR: "1", ...env }, reject: false })

export type Rigbook = ReturnType<typeof rigbookIn>
