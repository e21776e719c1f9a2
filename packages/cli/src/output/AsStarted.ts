import { startedAs, type Started } from "./Started.ts"

/** The commands that texts suggest, as they are after `rigbook`. */
export const COMMANDS: ReadonlyArray<string> = [
  "init add doctor setup inspect plan run tune worker runs show card report compare",
  "derive verify registry serve dataset import pull push host plugin schema",
].flatMap((names) => names.split(" "))

const COMMAND = new RegExp(
  `(?<![\\w./@-]|\\b(?:npx|exec|dlx|bunx|yarn|pnpm)\\s+)rigbook(?= (?:${COMMANDS.join("|")})(?![\\w:-]))`,
  "g",
)
const INSTALL = /(?<![\w./@-])npm install(?= @rigbook\/)/g

let ours: Started | undefined

/**
 * A text with Rigbook's commands as its reader can paste them: someone who has it as a dependency has no `rigbook` on the
 * PATH, but starts it by `npx rigbook` and its like. Messages and records say `rigbook`, for they are read elsewhere too;
 * this is done where they are shown, and leaves a text that it has been done to unchanged.
 */
export const asStarted = (
  text: string,
  started: Started = (ours ??= startedAs({ env: process.env, program: process.argv[1] ?? "" })),
): string => text.replaceAll(COMMAND, () => started.rigbook).replaceAll(INSTALL, () => started.install)
