// Builds the image of the Containerfile and runs the main job in it: see docs/container.md.
// pnpm container --tool podman --base IMAGE
import { execa } from "execa"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { imageOf } from "./Base.ts"
import { mainJob } from "./MainJob.ts"

const ROOT = join(import.meta.dirname, "../..")
const IMAGE = "localhost/rigbook"

/** The first of them that works here: a client of Docker may be installed without its daemon. */
const findTool = async (names: ReadonlyArray<string>): Promise<string> => {
  for (const name of names) {
    const { failed } = await execa(name, ["info"], { reject: false, stdio: "ignore" })
    if (!failed) return name
  }
  throw new Error(`No container tool works here: ${names.join(", ")}. Install podman, or start Docker.`)
}

const { values } = parseArgs({ options: { tool: { type: "string" }, base: { type: "string" } } })
const tool = await findTool(values.tool === undefined ? ["podman", "docker"] : [values.tool])
const build = async (folder: string, tag: string, args: ReadonlyArray<string>): Promise<void> => {
  const recipe = ["--file", join(folder, "Containerfile"), "--tag", tag]
  await execa(tool, ["build", ...recipe, ...args, folder], { stdio: ["ignore", 2, 2] })
}

const base = values.base === undefined ? undefined : await imageOf(values.base, build)
await build(ROOT, IMAGE, base === undefined ? [] : ["--build-arg", `BASE=${base}`])
console.log(await mainJob(tool, IMAGE))
