import type { DeviceId } from "@rigbook/core"
import { type VulkanDevice, vulkanDevices } from "@rigbook/core/engine"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { environmentOf, type Program } from "./Program.ts"

const LOADER = "libvulkan.so.1"

/**
 * The numbers of GPUs in the Vulkan loader that `program` uses, by their UUIDs, for `GGML_VK_VISIBLE_DEVICES`; `undefined`
 * where one of them is not found so.
 */
export const vulkanNumbers = (
  program: Program,
  gpus: ReadonlyArray<DeviceId>,
  visible: Readonly<Record<string, string>>,
): Effect.Effect<ReadonlyArray<number> | undefined> => {
  const beside = join(dirname(program.path), LOADER)
  return Effect.map(vulkanDevices(existsSync(beside) ? beside : LOADER, environmentOf(program, visible)), (devices) =>
    numbersOf(devices, gpus),
  )
}

/** Pure part of `vulkanNumbers`: one UUID that two devices have is none. */
export const numbersOf = (
  devices: ReadonlyArray<VulkanDevice>,
  gpus: ReadonlyArray<DeviceId>,
): ReadonlyArray<number> | undefined => {
  const numbers = gpus.flatMap((gpu) => {
    const found = devices.flatMap(({ uuid }, number) => (gpu === `GPU-${uuid}` ? [number] : []))
    return found.length === 1 ? found : []
  })
  return gpus.length > 0 && numbers.length === gpus.length ? numbers : undefined
}
