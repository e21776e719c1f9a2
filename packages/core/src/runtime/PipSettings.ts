import { Effect } from "effect"
import { shortCommand } from "../process/ShortCommand.ts"
import { findPython } from "./FindPython.ts"

/**
 * The index and the folders of wheels that pip is set to use on this machine, as arguments of uv, which does
 * not read pip's settings. Settings of uv's own win. Empty when there is no pip to ask.
 */
export const pipSettings: Effect.Effect<ReadonlyArray<string>> = findPython.pipe(
  Effect.flatMap((python) => shortCommand(python, ["-m", "pip", "config", "list"])),
  Effect.map(({ stdout }) => uvArguments(stdout, process.env)),
  Effect.orElseSucceed(() => []),
)

/** Pure part of `pipSettings`: from what `pip config list` prints. */
export const uvArguments = (
  pipConfigList: string,
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyArray<string> => {
  const setting = (name: string): ReadonlyArray<string> =>
    pipConfigList
      .split("\n")
      .map((line) => /^(?:global|install|:env:)\.([a-z-]+)='(.*)'$/.exec(line.trim()))
      .filter((match) => match?.[1] === name)
      .flatMap((match) => match![2]!.split(/\\n|\s+/).filter((value) => value !== ""))
  const index = env["UV_DEFAULT_INDEX"] === undefined ? setting("index-url").slice(-1) : []
  const folders = env["UV_FIND_LINKS"] === undefined ? [...new Set(setting("find-links"))] : []
  return [...index.flatMap((url) => ["--default-index", url]), ...folders.flatMap((folder) => ["--find-links", folder])]
}
