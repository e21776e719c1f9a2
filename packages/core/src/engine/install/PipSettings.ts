import { Effect } from "effect"
import { shortCommand } from "../process/ShortCommand.ts"
import { findPython, pip } from "./FindPython.ts"

/**
 * The index and the folders of wheels that pip is set to use on this machine, as variables for uv, which does not
 * read pip's settings: never as arguments, which all users see, for an index may hold a password. Settings of uv's
 * own win. Empty without pip.
 */
export const pipSettings: Effect.Effect<Readonly<Record<string, string>>> = findPython.pipe(
  Effect.flatMap((python) => shortCommand(python, pip("config", "list"))),
  Effect.map(({ stdout }) => uvVariables(stdout, process.env)),
  Effect.orElseSucceed(() => ({})),
)

/** Pure part of `pipSettings`: from what `pip config list` prints. */
export const uvVariables = (
  pipConfigList: string,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const setting = (name: string): ReadonlyArray<string> =>
    pipConfigList
      .split("\n")
      .map((line) => /^(?:global|install|:env:)\.([a-z-]+)='(.*)'$/.exec(line.trim()))
      .filter((match) => match?.[1] === name)
      .flatMap((match) => match![2]!.split(/\\n|\s+/).filter((value) => value !== ""))
  const index = setting("index-url").at(-1)
  const folders = [...new Set(setting("find-links"))].join(",")
  return {
    ...(index === undefined || env["UV_DEFAULT_INDEX"] !== undefined ? {} : { UV_DEFAULT_INDEX: index }),
    ...(folders === "" || env["UV_FIND_LINKS"] !== undefined ? {} : { UV_FIND_LINKS: folders }),
  }
}
