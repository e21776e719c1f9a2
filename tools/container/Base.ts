import { execa } from "execa"
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export type Build = (folder: string, tag: string, args: ReadonlyArray<string>) => Promise<void>

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"

const RECIPE = `FROM scratch
ADD system.tar /
COPY node /usr/local/bin/node
COPY npm/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
COPY certificates /etc/ssl/certs
ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES} PIP_CERT=${CERTIFICATES} SSL_CERT_FILE=${CERTIFICATES}
`

/**
 * The image to build on. `debian` is made here, for machines that reach Debian's mirror and npm but no registry of
 * images: Debian, the Node that runs this, npm, and the certificates that this machine trusts. Needs root and mmdebstrap.
 */
export const imageOf = async (base: string, build: Build): Promise<string> => {
  if (base !== "debian") return base
  const folder = mkdtempSync(join(tmpdir(), "rigbook-base-"))
  try {
    const system = ["--variant=minbase", "--include=ca-certificates", "bookworm", join(folder, "system.tar")]
    await execa("mmdebstrap", system, { stdio: ["ignore", 2, 2] })
    await execa("npm", ["install", "--prefix", join(folder, "npm"), "npm@11"], { stdio: ["ignore", 2, 2] })
    copyFileSync(process.execPath, join(folder, "node"))
    cpSync("/etc/ssl/certs", join(folder, "certificates"), { recursive: true, dereference: true })
    writeFileSync(join(folder, "Containerfile"), RECIPE)
    await build(folder, "localhost/rigbook-base", [])
  } finally {
    rmSync(folder, { recursive: true })
  }
  return "localhost/rigbook-base"
}
