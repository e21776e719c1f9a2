import { execa } from "execa"
import { strict as assert } from "node:assert"

interface Cell {
  readonly status: string
  readonly verdict: { readonly status: string }
  readonly values: Readonly<Record<string, { readonly median?: number } | undefined>>
}

/**
 * From two empty volumes to a row of the registry: init, run with a real engine and model, verify, and a second run that
 * reuses the record. Each command is a container of its own. Fails where one of them does not do what it should.
 */
export const mainJob = async (tool: string, image: string): Promise<string> => {
  const volume = (name: string): string => `rigbook-${name}-${process.pid}`
  const folders = ["workspace", "cache"]
  const mounts = folders.flatMap((name) => ["--volume", `${volume(name)}:/${name}`])
  const started = (...args: ReadonlyArray<string>) =>
    execa(tool, ["run", "--rm", ...mounts, ...args], { stderr: ["pipe", "inherit"] })
  const rigbook = (...args: ReadonlyArray<string>) => started(image, ...args)
  const measured = async (): Promise<Cell> => {
    const args = ["run", "smollm2-135m-instruct", "--filter", "short-chat", "--setup", "--json"]
    const cells = JSON.parse((await rigbook(...args)).stdout) as ReadonlyArray<Cell>
    assert.equal(cells.length, 1)
    return cells[0]!
  }
  try {
    const { stdout: user } = await started("--entrypoint", "id", image, "--user")
    assert.notEqual(user, "0", "the image runs as root")
    await rigbook("init")
    const first = await measured()
    assert.equal(first.status, "measured")
    assert.ok(first.values["decode_tps_user"]!.median! > 0)
    assert.equal((await measured()).status, "kept")
    assert.match((await rigbook("verify")).stdout, /every figure agrees with the samples/)
    return `SmolLM2 135M Instruct in ${image}: ${first.verdict.status}, verified, and reused by a second container.`
  } finally {
    await execa(tool, ["volume", "rm", "--force", ...folders.map(volume)])
  }
}
