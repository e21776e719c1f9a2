import { existsSync, realpathSync } from "node:fs"
import { basename, delimiter, dirname, join } from "node:path"

/** How this process was started: its environment, and the file that Node runs. */
export interface Start {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly program: string
}

/** The words by which its user starts Rigbook again, and installs a package beside it. */
export interface Started {
  readonly rigbook: string
  readonly install: string
}

/** By which a wrapper says how it is called; `tools/rigbook.ts` of a checkout is one. */
export const STARTED_AS = "RIGBOOK_STARTED_AS"

const MANAGERS = {
  npm: { rigbook: "npx rigbook", once: "npx rigbook", install: "npm install", locks: ["package-lock.json"] },
  pnpm: { rigbook: "pnpm exec rigbook", once: "pnpm dlx rigbook", install: "pnpm add", locks: ["pnpm-lock.yaml"] },
  yarn: { rigbook: "yarn rigbook", once: "yarn dlx rigbook", install: "yarn add", locks: ["yarn.lock"] },
  bun: { rigbook: "bunx rigbook", once: "bunx rigbook", install: "bun add", locks: ["bun.lock", "bun.lockb"] },
} as const

type Manager = keyof typeof MANAGERS

const PLAIN: Started = { rigbook: "rigbook", install: MANAGERS.npm.install }

/** Where package managers put programs of a project, which is on the PATH of what they start, not of a shell. */
const BIN = /[\\/]node_modules[\\/]\.bin[\\/]?$/

/**
 * How Rigbook was started: by a package manager, if it is a dependency of a project; by its name, if that is on the PATH
 * of the user's shell, as after a global installation.
 */
export const startedAs = ({ env, program }: Start): Started => {
  const said = env[STARTED_AS]
  if (said !== undefined && said !== "") return { ...PLAIN, rigbook: said }
  if (!/[\\/]node_modules[\\/](?:\.bin[\\/]rigbook|rigbook[\\/])/.test(program)) return PLAIN
  const starter = starterIn(env)
  const found = (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "rigbook"))
  // What a package manager starts has its folders on the PATH; another rigbook there is not the one that runs.
  const byName = found.some((path) =>
    starter === undefined
      ? existsSync(path)
      : !BIN.test(dirname(path)) && existsSync(path) && real(path) === real(program),
  )
  const { install, once, rigbook } = MANAGERS[starter ?? lockedBy(program)]
  return byName
    ? { rigbook: PLAIN.rigbook, install }
    : { rigbook: /[\\/]dlx[-\\/]/.test(program) ? once : rigbook, install }
}

/** The package manager that started this process, by the variables that all of them set. */
const starterIn = (env: Start["env"]): Manager | undefined => {
  const agent = /^\w+/.exec(env["npm_config_user_agent"] ?? "")?.[0]
  const script = basename(env["npm_execpath"] ?? "")
  return managers.find((each) => each === agent) ?? managers.find((each) => script.startsWith(each))
}

const managers = ["pnpm", "npm", "yarn", "bun"] as const satisfies ReadonlyArray<Manager>

/** The package manager whose lock file is nearest above the program's `node_modules`; npm without one. */
const lockedBy = (program: string): Manager => {
  for (let folder = program.split(/[\\/]node_modules[\\/]/)[0]!; folder !== dirname(folder); folder = dirname(folder)) {
    const manager = managers.find((each) => MANAGERS[each].locks.some((lock) => existsSync(join(folder, lock))))
    if (manager !== undefined) return manager
  }
  return "npm"
}

const real = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
