/** Runs the CLI of this checkout, built first if need be. In one process, so that a signal reaches the run itself. */
import { spawnSync } from "node:child_process"
import { join, relative } from "node:path"

const root = join(import.meta.dirname, "..")
const turbo = join(root, "node_modules/.bin/turbo")
const built = spawnSync(turbo, ["run", "bundle", "--output-logs=errors-only", "--log-prefix=none"], {
  cwd: root,
  encoding: "utf8",
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
})
if (built.status !== 0) {
  process.stderr.write(`${built.stdout ?? ""}${built.stderr ?? ""}\n${built.error?.message ?? "The build failed."}\n`)
  process.exit(built.status ?? 1)
}
const byPnpm = process.env["npm_config_user_agent"]?.startsWith("pnpm") === true
// What it suggests to run next has to start this checkout.
process.env["RIGBOOK_STARTED_AS"] ??= byPnpm ? "pnpm rigbook" : `node ${relative(process.cwd(), import.meta.filename)}`
process.argv.splice(1, 1, join(root, "packages/cli/dist/bin.js"))
if (process.argv[2] === "run") process.argv.push("--setup") // in a checkout everything that is missing is set up
await import("../packages/cli/dist/bin.js" as string)
