import { parse } from "../../packages/cli/src/Parse.ts"
import type { Page } from "./Page.ts"

/** Every command with the help that it prints itself. */
export const commandLinePage = async (): Promise<Page> => {
  const sections: Array<string> = []
  const visit = async (path: ReadonlyArray<string>): Promise<void> => {
    const help = await helpOf(path)
    sections.push([`## rigbook ${path.join(" ")}`.trimEnd(), "```text\n" + shown(help, path) + "\n```"].join("\n\n"))
    for (const name of subcommandsOf(help)) await visit([...path, name])
  }
  await visit([])
  const about =
    "What each command prints with `--help`, written by `pnpm run docs`. Exit codes: 0 done, 1 a cell failed or is invalid, 2 usage or configuration, 3 the gate found a regression, 130 interrupted."
  return { path: "docs/cli.md", text: ["# Command line", about, ...sections].join("\n\n") }
}

/** The names of all commands, `plugin new` and its like with both words. */
export const commandNames = async (path: ReadonlyArray<string> = []): Promise<ReadonlyArray<string>> => {
  const names: Array<string> = []
  for (const name of subcommandsOf(await helpOf(path))) {
    names.push([...path, name].join(" "))
    names.push(...(await commandNames([...path, name])))
  }
  return names
}

/** The command line prints its help by itself: what it prints is caught here. */
const helpOf = async (path: ReadonlyArray<string>): Promise<string> => {
  const printed: Array<string> = []
  const { log } = console
  console.log = (...parts: ReadonlyArray<unknown>) => void printed.push(parts.join(" "))
  try {
    await parse([...path, "--help"])
  } finally {
    console.log = log
  }
  return printed
    .join("\n")
    .replaceAll(/\n(?=EXAMPLES)/g, "\n\n")
    .replaceAll("\n\n\n", "\n\n")
}

const subcommandsOf = (help: string): ReadonlyArray<string> =>
  [...(/^SUBCOMMANDS\n((?: {2}.*\n?)+)/m.exec(help)?.[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
    ([, name]) => name!,
  )

/** The flags that all commands have are shown once, at the top. */
const shown = (help: string, path: ReadonlyArray<string>): string =>
  (path.length === 0 ? help : help.replace(/GLOBAL FLAGS\n(?: {2}.*(?:\n|$))+\n?/, "")).trimEnd()
