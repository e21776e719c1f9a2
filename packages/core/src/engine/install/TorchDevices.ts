import type { UnusableDevice } from "../../Backend.ts"
import type { Host } from "../../host/Host.ts"

/**
 * The vendor whose GPUs a build of PyTorch computes on, by its version: `2.13.0+cpu` is for none, `2.9.1+rocm6.4` for
 * AMD's; all others, on Linux, are for NVIDIA's. Pure.
 */
export const torchVendor = (version: string): string | undefined => {
  if (version.includes("+cpu")) return undefined
  return version.includes("+rocm") ? "amd" : "nvidia"
}

/** An engine that runs on PyTorch, and how a config names one of one's own. */
export interface TorchEngine {
  readonly backend: string
  /** PyTorch's version. */
  readonly torch: string
  /** The option that names a program of one's own, such as `python`, and whether it does. */
  readonly option: string
  readonly isNamed: boolean
}

/** The GPUs of `host` that an engine's PyTorch can't compute on; setup has packages for NVIDIA's alone. Pure. */
export const unusableByTorch = (
  { backend, isNamed, option, torch }: TorchEngine,
  host: Host,
): ReadonlyArray<UnusableDevice> => {
  const instead = isNamed ? `Leave \`${option}\` out of backends.${backend}, and run` : "Run"
  return host.devices.flatMap(({ id, kind, vendor }) =>
    kind !== "gpu" || vendor === undefined || vendor === torchVendor(torch)
      ? []
      : [
          {
            device: id,
            why: `PyTorch ${torch} is not built for this GPU.`,
            fix:
              vendor === "nvidia"
                ? `${instead} \`rigbook setup ${backend}\`.`
                : `Name a \`${option}\` whose PyTorch is built for it in backends.${backend}.`,
          },
        ],
  )
}
