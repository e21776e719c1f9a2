import { cacheFolder } from "@rigbook/core/engine"
import { execa } from "execa"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { join, relative } from "node:path"

const ROOT = join(import.meta.dirname, "../..")

export interface LoopbackRegistry {
  readonly url: string
  readonly stop: () => Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** Packages of others are fetched once, and kept for the next time. */
const KEPT = join(cacheFolder(), "npm-packages")

/**
 * A registry on loopback, with none of our packages in it, which come from nowhere else. Packages of others it fetches
 * from the registry that this machine is set to.
 */
export const startRegistry = async (folder: string): Promise<LoopbackRegistry> => {
  const { stdout: upstream } = await execa("npm", ["config", "get", "registry"], { cwd: folder })
  const port = await freePort()
  const storage = join(folder, "storage")
  const access = { access: "$all", publish: "$all" }
  for (const path of [storage, KEPT]) mkdirSync(path, { recursive: true })
  // YAML takes JSON as it is.
  const config = {
    storage,
    uplinks: { machine: { url: upstream, maxage: "1h" } },
    packages: {
      "@rigbook/*": access,
      rigbook: access,
      "rigbook-*": access,
      // A folder for some packages is named from the one for all.
      "**": { ...access, proxy: "machine", storage: relative(storage, KEPT) },
    },
    // Anybody may publish, so that a token of any kind will do.
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
    max_body_size: "50mb",
    log: { type: "file", path: join(folder, "registry.log"), level: "warn" },
    web: { enable: false },
  }
  writeFileSync(join(folder, "registry.yaml"), JSON.stringify(config))
  const program = join(ROOT, "node_modules/verdaccio/bin/verdaccio")
  const process_ = execa(
    process.execPath,
    [program, "--config", join(folder, "registry.yaml"), "--listen", `127.0.0.1:${port}`],
    { cwd: folder, reject: false, all: true },
  )
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    process_.kill()
    await process_
  }
  const ended = process_.then(({ all }) => Promise.reject(new Error(`The registry ended:\n${all}`)))
  ended.catch(() => {}) // Reported where it matters: while we wait for it.
  const deadline = performance.now() + 600_000
  const answers = () =>
    fetch(`${url}/-/ping`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await Promise.race([answers(), ended]))) {
    if (performance.now() > deadline) {
      await stop()
      throw new Error("The registry did not answer within ten minutes.")
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url, stop }
}
