import { execa, execaSync } from "execa"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { homedir, tmpdir, userInfo } from "node:os"
import { delimiter, join } from "node:path"

/** A machine that ssh reaches, made of this one: its own sshd, keys, port and home. */
export interface Box {
  /** How configs of ssh call it. */
  readonly address: string
  /** The home of whoever logs in. */
  readonly home: string
  /** Everything of its own: what a record must not contain. */
  readonly folder: string
  /** Puts the ssh that knows it first on the PATH of this process and its children. */
  readonly path: string
  /** Ends all its connections, as a network that breaks does. The next one works again. */
  readonly cut: () => void
  readonly close: () => Promise<void>
}

/** Debian's sshd: the one that is there, else from its package, which `apt-get` brings. */
const findSshd = (): string => {
  const known = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"].find((file) => existsSync(file))
  if (known !== undefined) return known
  const cache = join(homedir(), ".cache/rigbook/openssh-server")
  const unpacked = join(cache, "usr/sbin/sshd")
  if (existsSync(unpacked) && userInfo().uid !== 0) return unpacked
  try {
    if (userInfo().uid === 0) {
      execaSync("apt-get", ["install", "-y", "--no-install-recommends", "openssh-server"], {
        env: { DEBIAN_FRONTEND: "noninteractive" },
      })
      return "/usr/sbin/sshd"
    }
    mkdirSync(cache, { recursive: true })
    execaSync("apt-get", ["download", "openssh-server"], { cwd: cache })
    const [deb] = readdirSync(cache).filter((file) => file.endsWith(".deb"))
    execaSync("dpkg", ["-x", deb!, "."], { cwd: cache })
    return unpacked
  } catch (cause) {
    throw new Error("There is no sshd, and apt-get can't bring openssh-server: install it to run these tests.", {
      cause,
    })
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** Starts it. Only the cache of engines and models is shared with this machine, so that nothing is installed twice. */
export const startBox = async (): Promise<Box> => {
  const sshd = findSshd()
  const folder = mkdtempSync(join(tmpdir(), "rigbook-box-"))
  const [home, bin] = [join(folder, "home"), join(folder, "bin")]
  for (const each of [home, bin, join(home, ".cache")]) mkdirSync(each)
  symlinkSync(join(homedir(), ".cache/rigbook"), join(home, ".cache/rigbook"))
  for (const key of ["host", "user"])
    execaSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)])
  const port = await freePort()
  // As root sshd separates privileges, in a folder that a system's own sshd makes.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  const write = (name: string, lines: ReadonlyArray<string>) =>
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`)
  write("sshd_config", [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "user.pub")}`,
    `PidFile ${join(folder, "pid")}`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    // It is another machine: another home, and nothing of this one's environment.
    `SetEnv HOME=${home} XDG_STATE_HOME= XDG_CACHE_HOME= RIGBOOK_CACHE=${join(home, ".cache/rigbook")}`,
  ])
  write("known_hosts", [`[127.0.0.1]:${port} ${readFileSync(join(folder, "host.pub"), "utf8").trim()}`])
  write("ssh_config", [
    "Host far-box",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${join(folder, "user")}`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${join(folder, "known_hosts")}`,
  ])
  const client = execaSync("sh", ["-c", "command -v ssh"]).stdout
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec ${client} -F ${join(folder, "ssh_config")} "$@"\n`)
  chmodSync(join(bin, "ssh"), 0o755)
  const server = execa(sshd, ["-D", "-e", "-f", join(folder, "sshd_config")], { reject: false, stdin: "ignore" })
  const path = `${bin}${delimiter}${process.env["PATH"]}`
  for (let tries = 0; ; tries++) {
    const { exitCode, stderr } = await execa("ssh", ["-o", "BatchMode=yes", "far-box", "true"], {
      env: { PATH: path },
      reject: false,
    })
    if (exitCode === 0) break
    if (tries === 50) throw new Error(`The test's own sshd does not answer: ${stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    address: "far-box",
    home,
    folder,
    path,
    cut: () => {
      execaSync("pkill", ["-KILL", "-P", String(server.pid)], { reject: false })
    },
    close: async () => {
      server.kill("SIGTERM")
      await server
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
