import { CPU, Device, Host } from "@rigbook/core"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import os from "node:os"
import type { DeviceMask } from "../vendors/DeviceMask.ts"
import { gpusHere } from "../vendors/Vendors.ts"

/** The variables by which the user has hidden GPUs of this machine. */
export const deviceMasks: Effect.Effect<ReadonlyArray<DeviceMask>> = Effect.map(gpusHere, ({ masks }) => masks)

/**
 * What this machine is: its processor, memory, system and devices, as they report themselves. GPUs that the user
 * hides are not among its devices; the fingerprint is that of the complete machine.
 */
export const captureHost: Effect.Effect<Host> = Effect.map(gpusHere, ({ all, visible }) => {
  const model = os.cpus()[0]?.model.trim() || "unknown processor"
  const logicalCores = os.availableParallelism()
  const memoryBytes = os.totalmem()
  return new Host({
    fingerprint: fingerprint([
      machineId(),
      model,
      String(logicalCores),
      String(Math.round(memoryBytes / 2 ** 30)),
      ...all.map(({ id }) => id),
    ]),
    cpu: { model, logicalCores },
    memoryBytes,
    os: systemName(),
    kernel: `${os.type()} ${os.release()} ${os.machine()}`,
    devices: [new Device({ id: CPU, kind: "cpu", name: model, memoryBytes, freeBytes: availableMemory() }), ...visible],
  })
})

const fingerprint = (parts: ReadonlyArray<string>): string =>
  createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12)

/** Two machines of the same model are two hosts: systemd's machine id distinguishes them, elsewhere the host name. */
const machineId = (): string => readText("/etc/machine-id") ?? os.hostname()

const systemName = (): string => {
  const name = /^PRETTY_NAME="?(.+?)"?$/m.exec(readText("/etc/os-release") ?? "")?.[1]
  return name ?? `${os.type()} ${os.release()}`
}

/** Memory that can be used without swapping: on Linux that is more than free memory. */
export const availableMemory = (): number => {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readText("/proc/meminfo") ?? "")?.[1]
  return kib === undefined ? os.freemem() : Number(kib) * 1024
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").trim()
  } catch {
    return undefined // not available on this system
  }
}
