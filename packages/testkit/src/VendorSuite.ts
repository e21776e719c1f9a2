import { CPU, DEVICE_FIELDS, type Device, type DeviceReading, type DeviceSource, type Vendor } from "@rigbook/core"
import { maskedDevices } from "@rigbook/runner"
import { Effect, Layer, Result, type Scope } from "effect"
import { isDeepStrictEqual } from "node:util"
import { type Case, type CaseResult, must, notRun, runCases } from "./Conformance.ts"
import { registerSuite } from "./Suite.ts"

/** What the suite needs to test a vendor where it has no GPU. */
export interface VendorSubject {
  /** Two or more of its GPUs, as `discover` gives them; those of this machine by default. */
  readonly devices?: ReadonlyArray<Device>
}

const vendorCases = (vendor: Vendor, subject: VendorSubject): ReadonlyArray<Case<Scope.Scope>> => {
  const devices = Effect.gen(function* () {
    const found = subject.devices ?? (yield* vendor.discover)
    return found.length > 0
      ? found
      : yield* notRun("it has no GPU here: give devices, such as those that its tool listed elsewhere")
  })

  const isNamed = Effect.gen(function* () {
    for (const [what, name] of Object.entries({ id: vendor.id, alias: vendor.alias }))
      yield* must(
        /^[a-z][a-z0-9_-]*$/.test(name),
        `The ${what} "${name}" must consist of lower-case letters, digits, - and _.`,
      )
    yield* must(
      vendor.alias !== CPU && vendor.alias !== "gpu",
      `The alias "${vendor.alias}" names other devices: ${CPU} is the processor, and gpu any GPU.`,
    )
  })

  const findsTheSame = Effect.gen(function* () {
    const [one, two] = [yield* vendor.discover, yield* vendor.discover]
    const ids = (found: ReadonlyArray<Device>) => found.map(({ id }) => id)
    yield* must(
      isDeepStrictEqual(ids(one), ids(two)),
      `discover gives ${ids(one).join(", ")}, and then ${ids(two).join(", ")}: the same GPUs must have the same ids and order.`,
    )
  })

  const describes = Effect.gen(function* () {
    const found = yield* devices
    for (const { id, kind, vendor: by } of found) {
      yield* must(kind === "gpu", `${id} is of kind ${kind}: a vendor's devices are of kind gpu.`)
      yield* must(by === vendor.id, `${id} is of vendor ${by}: it must be ${vendor.id}, or nobody restricts it.`)
    }
    for (const field of ["id", "index"] as const)
      yield* must(
        new Set(found.map((device) => device[field])).size === found.length,
        `Two GPUs have the same ${field}, or none: both are how people and programs name them.`,
      )
  })

  const isAbsent = Effect.gen(function* () {
    if (yield* vendor.present) return
    const found = yield* vendor.discover
    yield* must(found.length === 0, `Its driver does not answer, but discover gives ${found.length} GPUs.`)
    for (const open of vendor.read)
      yield* must(
        Result.isFailure(yield* Effect.result(open)),
        "Its driver does not answer, but its devices can be read: fail with NoTelemetry, and say why.",
      )
  })

  const hides = Effect.gen(function* () {
    const none = vendor.restrict([])
    yield* must(vendor.masks.length > 0, "It has no masks: name the variables by which its runtime hides devices.")
    for (const variable of vendor.masks)
      yield* must(
        /^(-1)?$/.test(none[variable] ?? "missing"),
        `Where no GPU may be used, restrict sets ${variable} to ${none[variable] ?? "nothing"}: an engine would find those that the user left visible.`,
      )
  })

  const shows = Effect.gen(function* () {
    const found = yield* devices
    for (const wanted of [...found.map((device) => [device]), found.toReversed()]) {
      const variables = vendor.restrict(wanted)
      yield* must(
        isDeepStrictEqual(variables, vendor.restrict([...wanted])),
        "restrict gives something else the second time: it must be pure.",
      )
      const { visible } = maskedDevices(found, vendor.masks, variables)
      const names = (of: ReadonlyArray<Device>) => of.map(({ id }) => id).join(", ") || "none"
      yield* must(
        isDeepStrictEqual(visible, wanted),
        `For ${names(wanted)} restrict gives ${JSON.stringify(variables)}, by which its runtime finds ${names(visible)}.`,
      )
    }
  })

  const reads = Effect.gen(function* () {
    const source = yield* firstOf(vendor.read)
    if (source === undefined) return yield* notRun("none of its sources can be opened here")
    const known = (yield* vendor.discover).map(({ id }) => id)
    const readings = source.read()
    yield* must(known.length === 0 || readings.length > 0, `${source.name} reads none of ${known.join(", ")}.`)
    for (const reading of readings) {
      yield* must(
        known.includes(reading.device),
        `${source.name} reads ${reading.device}, which discover does not find.`,
      )
      yield* must(isWhole(reading), `${source.name} reads a field of ${reading.device} as neither a value nor absent.`)
    }
  })

  return [
    { name: "says what it is", check: isNamed },
    { name: "finds the same GPUs each time", check: findsTheSame },
    { name: "describes its GPUs", check: describes },
    { name: "is absent as a whole", check: isAbsent },
    { name: "hides all its GPUs where none may be used", check: hides },
    { name: "shows a child the GPUs that it may use, in their order, and no other", check: shows },
    { name: "reads its devices", check: reads },
  ]
}

const firstOf = Effect.fnUntraced(function* (sources: Vendor["read"]) {
  for (const open of sources) {
    const opened: Result.Result<DeviceSource, unknown> = yield* Effect.result(open)
    if (Result.isSuccess(opened)) return opened.success
  }
  return undefined
})

const isWhole = ({ absent, values }: DeviceReading): boolean =>
  DEVICE_FIELDS.every((field) => (values[field] === undefined) !== (absent[field] === undefined))

/** Registers the conformance suite of a vendor with vitest: call it at the top of a test file. */
export const vendorSuite = (vendor: Vendor, subject: VendorSubject = {}): void =>
  registerSuite(`vendor ${vendor.id}`, vendorCases(vendor, subject), Layer.empty)

/** The same cases without vitest: their results, in order. */
export const checkVendor = (vendor: Vendor, subject: VendorSubject = {}): Effect.Effect<ReadonlyArray<CaseResult>> =>
  Effect.scoped(runCases(vendorCases(vendor, subject)))
