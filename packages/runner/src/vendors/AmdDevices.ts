import { Device } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import { at, bytesAt, deviceOf, gpusIn } from "./AmdSmi.ts"

/** AMD's GPUs by amd-smi; none where that is missing, or fails. */
export const amdSmiDevices: Effect.Effect<ReadonlyArray<Device>> = Effect.gen(function* () {
  const ask = (...args: ReadonlyArray<string>) =>
    Effect.map(shortCommand("amd-smi", [...args, "--json"]), ({ stdout }) => stdout)
  const list = yield* ask("list")
  return parseAmdDevices(list, yield* ask("static", "--asic", "--driver"), yield* ask("metric", "--mem-usage"))
}).pipe(Effect.orElseSucceed(() => []))

/**
 * The GPUs in what `amd-smi list`, `amd-smi static --asic --driver` and `amd-smi metric --mem-usage` print. One that does
 * not report its memory can't be planned for and is left out. Numbers are those of AMD's runtime, which counts by the nodes
 * of the kernel's driver.
 */
export const parseAmdDevices = (list: string, statics: string, metric: string): ReadonlyArray<Device> => {
  const [facts, memory] = [statics, metric].map((json) => new Map(gpusIn(json).map(({ gpu, of }) => [gpu, of])))
  return inNodeOrder(gpusIn(list)).flatMap(({ gpu, of }, index) => {
    const [about, use] = [facts!.get(gpu), memory!.get(gpu)]
    const [total, free] = ["total_vram", "free_vram"].map((name) => bytesAt(use, "mem_usage", name))
    if (!("value" in total!) || !("value" in free!)) return []
    const [name, driver] = [at(about, "asic", "market_name"), at(about, "driver", "version")]
    return [
      new Device({
        id: deviceOf(gpu, of, about),
        kind: "gpu",
        name: isText(name) ? name : "AMD GPU",
        index,
        memoryBytes: total.value,
        freeBytes: free.value,
        ...(isText(driver) ? { driver } : {}),
        vendor: "amd",
      }),
    ]
  })
}

/** amd-smi counts by the PCI bus, which may be another order. */
const inNodeOrder = (gpus: ReturnType<typeof gpusIn>): ReturnType<typeof gpusIn> => {
  const nodeOf = ({ of }: (typeof gpus)[number]): unknown => at(of, "node_id")
  return gpus.every((gpu) => typeof nodeOf(gpu) === "number")
    ? gpus.toSorted((a, b) => Number(nodeOf(a)) - Number(nodeOf(b)))
    : gpus
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "" && value !== "N/A"
