import { DeviceId, Effective, Placement, Refusal, type Strategy } from "@rigbook/core"
import { Effect, Result } from "effect"
import { fakeHost } from "../../src/FakeHosts.ts"
import { holding } from "../conforming.ts"
import { type Broken, session } from "./Broken.ts"

let turn = 0

/** Faults of what a session says of its engine: settings, devices, processes and identity. */
export const IN_REPORTING: ReadonlyArray<Broken> = [
  {
    fault: "the engine does otherwise than asked",
    with: session("generate", ({ effective }) => ({
      effective: new Effective({ devices: effective.devices, settings: { context: 256 }, buffers: [] }),
    })),
    fails: "generate: has the requested options in effect",
    says: /context was requested as 512, effective is 256/,
  },
  {
    fault: "it does not report its effective settings",
    with: session("embed", ({ effective }) => ({
      effective: new Effective({ devices: effective.devices, settings: {}, buffers: [] }),
    })),
    fails: "embed: has the requested options in effect",
    says: /is not in effective.settings/,
  },
  {
    fault: "it is on another device",
    with: session("generate", ({ effective }) => ({
      effective: new Effective({ devices: [DeviceId.make("GPU-9")], settings: effective.settings, buffers: [] }),
    })),
    fails: "generate: is on the requested devices",
    says: /placed on cpu, but effective.devices is GPU-9/,
  },
  {
    fault: "the engine puts all on the first device, whatever it was given",
    with: (backend) => ({
      placement: { ...backend.placement, strategies: [halves] },
      open: (input) =>
        Effect.map(backend.open(input), (opened) => {
          const [first, ...others] = opened.effective.buffers
          const bytes = opened.effective.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0)
          const buffers = [{ ...first!, bytes }, ...others.map((buffer) => ({ ...buffer, bytes: 0 }))]
          return input.task === "generate" ? { ...opened, effective: holding(opened, buffers) } : opened
        }),
    }),
    subject: () => ({ host: fakeHost([2 ** 35, 2 ** 35]) }),
    fails: "generate: holds on each device what its layout says",
    says: /placed as halves: .*50 % .*50 % .*; found .*100 % /,
  },
  {
    fault: "the engine leaves a device empty",
    with: (backend) => ({
      placement: { ...backend.placement, strategies: [halves] },
      open: (input) =>
        Effect.map(backend.open(input), (opened) =>
          input.task === "embed"
            ? {
                ...opened,
                effective: holding(opened, opened.effective.buffers.slice(0, 1)),
              }
            : opened,
        ),
    }),
    subject: () => ({ host: fakeHost([2 ** 35, 2 ** 35]) }),
    fails: "embed: holds on each device what its layout says",
    says: /found GPU-fake-0 100 %/,
  },
  {
    fault: "it names a process that is not ours",
    with: session("embed", () => ({ pids: [1] })),
    subject: ({ faults = {} }) => ({ faults: { ...faults, kill: faults.kill!, freeze: faults.freeze! } }),
    fails: "embed: reports running processes that were started here",
    says: /has process 1, which was not started here/,
  },
  {
    fault: "it is another engine each time that it reports itself",
    with: session("generate", () => ({
      identify: Effect.sync(() => ({ program: { version: `${turn++}` }, process: {} })),
    })),
    fails: "generate: reports the same engine each time",
    says: /session.identify reports .*, and then .* for the same engine/,
  },
  {
    fault: "it does not know its own engine",
    with: session("embed", () => ({
      identify: Effect.succeed({ program: {}, process: {}, absent: "it has forgotten" }),
    })),
    fails: "embed: reports the same engine each time",
    says: /does not know which engine answers: it has forgotten/,
  },
  {
    fault: "it embeds on another device",
    with: session("embed", ({ effective }) => ({
      effective: new Effective({ devices: [DeviceId.make("GPU-9")], settings: effective.settings, buffers: [] }),
    })),
    fails: "embed: is on the requested devices",
    says: /placed on cpu, but effective.devices is GPU-9/,
  },
  {
    fault: "it names a process that has ended",
    with: session("generate", () => ({ pids: [2 ** 22 + 1] })),
    subject: ({ faults = {} }) => ({ faults: { ...faults, kill: faults.kill!, freeze: faults.freeze! } }),
    fails: "generate: reports running processes that were started here",
    says: /has process 4194305, which does not run/,
  },
]

/** Half of the model on each of the first two GPUs. */
const halves: Strategy<unknown> = {
  id: "halves",
  place: ({ demand, host }) => {
    const [first, second] = host.devices.filter(({ kind }) => kind === "gpu")
    return first === undefined || second === undefined || demand.totalBytes / 2 > (first.freeBytes ?? 0)
      ? Result.fail(new Refusal({ strategy: "halves", reason: "it takes two GPUs with room" }))
      : Result.succeed([new Placement({ strategy: "halves", devices: [first.id, second.id], split: [1, 1] })])
  },
}
