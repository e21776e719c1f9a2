import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { shortCommand } from "../process/ShortCommand.ts"

/** A device as a Vulkan loader finds it; its place in the list is its number for engines that take numbers. */
export interface VulkanDevice {
  readonly name: string
  /** In the form of `nvidia-smi`, without its `GPU-`. NVIDIA's drivers give a GPU the same one in Vulkan and in CUDA. */
  readonly uuid: string
}

/** Beside this file in the source, beside the bundle when it is built. */
const FILE = fileURLToPath(new URL(`./VulkanProbe.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url))

/**
 * The devices that the Vulkan loader at `library` finds in an environment, in its order; none where there is no loader or
 * driver, or `koffi` is not installed.
 */
export const vulkanDevices = (
  library: string,
  env: Readonly<Record<string, string>>,
): Effect.Effect<ReadonlyArray<VulkanDevice>> =>
  shortCommand(process.execPath, [FILE, library], { env, timeoutMs: 20_000 }).pipe(
    Effect.flatMap(({ stdout }) => decode(stdout)),
    Effect.orElseSucceed(() => []),
  )

const decode = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Array(Schema.Struct({ name: Schema.String, uuid: Schema.String }))),
)
