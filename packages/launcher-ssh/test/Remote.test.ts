import { NodeServices } from "@effect/platform-node"
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { execa, execaSync } from "execa"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { openRemote, tarCause } from "../src/Remote.ts"

it("of what tar says, the file that is missing is shown, and not that there were errors", async () => {
  const { stderr } = await execa("tar", ["-cf", "/dev/null", "none"], { reject: false, cwd: import.meta.dirname })
  assert.match(tarCause(stderr) ?? "", /none/)
  assert.isUndefined(tarCause("ssh: connect to host box port 22: Connection refused\n"))
})

describe("a copy", () => {
  let folder = ""
  const at = (name: string) => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rigbook-remote-"))
    for (const each of ["bin", "here", "there"]) mkdirSync(at(each))
    // The other machine is this one: what runs there is what ssh is given last.
    writeFileSync(at("bin/ssh"), '#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n', { mode: 0o755 })
    vi.stubEnv("PATH", `${at("bin")}${delimiter}${process.env["PATH"]}`)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })
  const push = (file: string) =>
    Effect.runPromise(
      openRemote("far", "box").pipe(
        Effect.flatMap((remote) => Effect.result(remote.push(at("here"), [file], at("there")))),
        Effect.scoped,
        Effect.provide(NodeServices.layer),
      ),
    )

  it("is repeated if a file changed meanwhile", async () => {
    const tar = execaSync("sh", ["-c", "command -v tar"]).stdout
    writeFileSync(
      at("bin/tar"),
      `#!/bin/sh
case "$*" in *-T*) grep -q half ${at("here/file")} && {
  ${tar} "$@"; echo whole > ${at("here/file")}
  echo "tar: ./file: file changed as we read it" >&2; exit 1; } ;; esac
exec ${tar} "$@"
`,
      { mode: 0o755 },
    )
    writeFileSync(at("here/file"), "half")
    assert.strictEqual((await push("file"))._tag, "Success")
    assert.strictEqual(readFileSync(at("there/file"), "utf8"), "whole\n")
  })

  it("onto a full disk says so, and is whole once there is room", async () => {
    const ssh = readFileSync(at("bin/ssh"), "utf8")
    const small = `mount -t tmpfs -o size=64k none ${at("there")}`
    writeFileSync(at("bin/ssh"), ssh.replace('sh -c "', `unshare -rm sh -c "${small} && `))
    writeFileSync(at("here/file"), randomBytes(2 ** 18))
    const failed = await push("file")
    assert.match(
      failed._tag === "Failure" ? failed.failure.message : "",
      /its disk is full: .*(No space left|Wrote only).* Free some space there/,
    )
    writeFileSync(at("bin/ssh"), ssh)
    assert.strictEqual((await push("file"))._tag, "Success")
    assert.isTrue(readFileSync(at("there/file")).equals(readFileSync(at("here/file"))))
  })

  it("that fails says why in the words by which a change is known, whatever the user's language", async () => {
    vi.stubEnv("LC_ALL", "C.UTF-8")
    vi.stubEnv("LANGUAGE", "de")
    const failed = await push("none")
    assert.match(failed._tag === "Failure" ? failed.failure.detail : "", /none: Cannot stat: No such file or directory/)
  })
})
