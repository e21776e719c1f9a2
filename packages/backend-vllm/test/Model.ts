import { CPU, Device, DeviceId, Host, ModelFacts, Placement } from "@rigbook/core"

export const GIB = 2 ** 30

/** Facts like those of SmolLM2 135M in bfloat16. */
export const model = (change: Partial<ModelFacts> = {}): ModelFacts =>
  new ModelFacts({
    format: "safetensors",
    architecture: "llama",
    parameters: 134_515_008,
    quantization: "BF16",
    bitsPerWeight: 16,
    weightBytes: 269_030_016,
    fileBytes: 269_060_552,
    layers: 30,
    contextLength: 8192,
    hiddenSize: 576,
    heads: 9,
    kvHeads: 3,
    vocabulary: 49_152,
    chatTemplate: true,
    sha256: "0".repeat(64),
    ...change,
  })

export const gpuId = (index: number): DeviceId => DeviceId.make(`GPU-${index}`)

/** A host with so many free bytes on each GPU, all of one kind; `kinds` names others. */
export const host = (free: ReadonlyArray<number>, memoryBytes = 24 * GIB, kinds: ReadonlyArray<string> = []): Host =>
  new Host({
    fingerprint: "host",
    cpu: { model: "cpu", logicalCores: 8 },
    memoryBytes: 64 * GIB,
    os: "Linux",
    kernel: "6",
    devices: [
      new Device({ id: CPU, kind: "cpu", name: "cpu", memoryBytes: 64 * GIB, freeBytes: 32 * GIB }),
      ...free.map(
        (freeBytes, index) =>
          new Device({ id: gpuId(index), kind: "gpu", name: kinds[index] ?? "GPU", index, memoryBytes, freeBytes }),
      ),
    ],
  })

export const onCpu = new Placement({ strategy: "cpu", devices: [CPU] })

/** On the processor in so many processes. */
export const onCpuIn = (degree: number, strategy = "tensor"): Placement =>
  new Placement({ strategy, devices: [CPU], degree })

export const onGpus = (strategy: string, count: number): Placement =>
  new Placement({ strategy, devices: [gpuId(0), ...Array.from({ length: count - 1 }, (_, index) => gpuId(index + 1))] })

/** Options of two machines of one GPU each. */
export const nodes = { address: "10.0.0.1", others: [{ address: "10.0.0.2", gpus: 1 }] } as const
export const nodeGpus = [DeviceId.make("10.0.0.2/0")] as const
