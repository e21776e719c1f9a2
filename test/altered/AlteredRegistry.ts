import { execa } from "execa"
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { basename, dirname, join } from "node:path"

/** A package as a lock names it. */
export interface Locked {
  readonly name: string
  readonly version: string
  /** As npm's registries have it; the hash of a wheel is in the requirement alone. */
  readonly integrity?: string
}

export interface AlteredRegistry {
  readonly url: string
  /** Paths of archives that were sent. */
  readonly sent: ReadonlyArray<string>
  readonly stop: () => void
}

/**
 * A registry on loopback, npm's and PyPI's in one, that reports the hashes which its visitors expect, and sends other
 * archives: all that is in them leaves the file `mark` when it runs.
 */
export const startAltered = async (
  folder: string,
  mark: string,
  locked: ReadonlyArray<Locked>,
): Promise<AlteredRegistry> => {
  const archives = new Map<string, Buffer>()
  const sent: Array<string> = []
  const pages = new Map<string, object | string>()
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "")
    const archive = archives.get(basename(path))
    const page = pages.get(path)
    if (archive !== undefined) sent.push(path)
    if (archive === undefined && page === undefined) response.statusCode = 404
    response.setHeader("content-type", typeof page === "string" ? "text/html" : "application/json")
    response.end(archive ?? (typeof page === "string" ? page : JSON.stringify(page ?? {})))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const one of locked) {
    const { integrity, name, version } = one
    const file = integrity === undefined ? `${name}-${version}-py3-none-any.whl` : `${name}-${version}.tgz`
    archives.set(file, await (integrity === undefined ? wheel : tarball)(join(folder, file), mark, one))
    if (integrity === undefined) pages.set(`/simple/${name}/`, `<a href="${url}/files/${file}">${file}</a>`)
    else {
      const dist = { tarball: `${url}/${name}/-/${file}`, integrity }
      const time = { modified: OLD, created: OLD, [version]: OLD }
      pages.set(`/${name}`, {
        name,
        "dist-tags": { latest: version },
        time,
        versions: { [version]: { name, version, dist } },
      })
    }
  }
  return { url, sent, stop: () => void (server.closeAllConnections(), server.close()) }
}

/** Long ago: fresh versions are distrusted for their age already. */
const OLD = "2020-01-01T00:00:00.000Z"

const tarball = async (file: string, mark: string, { name, version }: Locked): Promise<Buffer> => {
  const top = join(`${file}.d`, "package")
  const touch = `require("fs").writeFileSync(${JSON.stringify(mark)}, "")`
  put(
    join(top, "package.json"),
    JSON.stringify({ name, version, bin: { node: "bin/node" }, scripts: { preinstall: `touch ${mark}` } }),
  )
  put(join(top, "index.js"), touch)
  put(join(top, "bin/node"), `#!/bin/sh\ntouch ${mark}\n`)
  chmodSync(join(top, "bin/node"), 0o755)
  await execa("tar", ["czf", file, "-C", `${file}.d`, "package"])
  return readFileSync(file)
}

const wheel = async (file: string, mark: string, { name, version }: Locked): Promise<Buffer> => {
  const info = `${name}-${version}.dist-info`
  const touch = `open(${JSON.stringify(mark)}, "w").close()\n`
  put(join(`${file}.d`, `${name}.pth`), `import builtins; builtins.${touch}`)
  put(join(`${file}.d`, name, "__init__.py"), touch)
  put(join(`${file}.d`, `${name}-${version}.data/scripts/${name}`), `#!/bin/sh\ntouch ${mark}\n`)
  put(join(`${file}.d`, info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)
  put(join(`${file}.d`, info, "WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
  put(join(`${file}.d`, info, "RECORD"), "")
  const parts = [name, `${name}.pth`, info, `${name}-${version}.data`]
  await execa("python3", ["-m", "zipfile", "-c", file, ...parts], { cwd: `${file}.d` })
  return readFileSync(file)
}

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
