import { type AnyBackend, complete, Demand, DeviceId, Placement, type Placing, type Strategy } from "@rigbook/core"
import { Result, Schema, SchemaGetter } from "effect"
import type { Broken } from "./Broken.ts"

let turn = 0

/** A fault of where it places: how `change` alters that. */
const placing =
  (change: (placement: Placing<unknown>) => Placing<unknown>) =>
  ({ placement = {} }: AnyBackend): Partial<AnyBackend> => ({ placement: { ...placement, ...change(placement) } })

/** Faults of what is computed before an engine starts: options, demand and placement. */
export const IN_PLANNING: ReadonlyArray<Broken> = [
  {
    fault: "its options are encoded as others",
    with: () => ({
      config: Schema.Struct({
        tokenMs: Schema.Finite.pipe(
          Schema.decodeTo(Schema.Finite, {
            decode: SchemaGetter.transform((ms: number) => ms + 1),
            encode: SchemaGetter.transform((ms: number) => ms),
          }),
        ),
        firstMs: Schema.Finite,
        perChunk: Schema.Finite,
        loadMs: Schema.Finite,
        demandBytes: Schema.Finite,
        bytesPerDocument: Schema.Finite,
      }) as AnyBackend["config"],
    }),
    subject: () => ({
      options: { tokenMs: 1, firstMs: 1, perChunk: 1, loadMs: 0, demandBytes: 1024, bytesPerDocument: 0 },
      faults: {},
    }),
    fails: "options are unchanged after writing and reading",
    says: /"tokenMs":2.* became .*"tokenMs":3/,
  },
  {
    fault: "its demand has no parts",
    with: () => ({
      memory: { demand: () => new Demand({ parts: [] }) },
      placement: { strategies: [onlySmall] },
    }),
    fails: "demand has named parts, none negative",
    says: /no parts: name at least the weights/,
  },
  {
    fault: "its demand is never the same",
    with: (backend) => ({
      memory: {
        demand: (...input) => {
          const { parts } = complete(backend).demand(...input)
          return new Demand({ parts: parts.map((part) => ({ ...part, bytes: part.bytes + turn++ })) })
        },
      },
    }),
    fails: "the same input gives the same plan twice",
    says: /demand must be pure/,
  },
  {
    fault: "its strategy throws dice",
    with: placing(() => ({
      strategies: [
        onlySmall,
        { id: "dice", place: () => Result.fail({ strategy: "dice", reason: `${turn++}` } as never) },
      ],
    })),
    fails: "the same input gives the same plan twice",
    says: /Strategy dice places the same model differently/,
  },
  {
    fault: "it places on a device that is not there",
    with: placing(({ strategies = [] }) => ({ strategies: [...strategies, strange] })),
    fails: "places on devices of the host only",
    says: /Strategy strange places on GPU-9, which host cpuonly does not have/,
  },
  {
    fault: "it places whatever the size",
    with: placing(() => ({
      strategies: [{ id: "cpu", place: () => Result.succeed([new Placement({ strategy: "cpu", devices: [CPU] })]) }],
    })),
    fails: "refuses what fits nowhere",
    says: /Strategy cpu finds room for a model of 1 PiB on host cpuonly/,
  },
]

const CPU = DeviceId.make("cpu")
const onCpu = Result.succeed([new Placement({ strategy: "cpu", devices: [CPU] })] as const)

/** Reads the model and not the demand. */
const onlySmall: Strategy<unknown> = {
  id: "small",
  place: ({ model }) =>
    model.weightBytes < 2 ** 40 ? onCpu : Result.fail({ strategy: "small", reason: "too large" } as never),
}
const strange: Strategy<unknown> = {
  id: "strange",
  place: ({ model }) =>
    model.weightBytes < 2 ** 40
      ? Result.succeed([new Placement({ strategy: "strange", devices: [DeviceId.make("GPU-9")] })])
      : Result.fail({ strategy: "strange", reason: "too large" } as never),
}
