import { Context, type Effect, Schema, type Scope } from "effect"
import type { Exit } from "./Failing.ts"
import type { DeviceSource } from "./host/DeviceReading.ts"
import type { Device } from "./host/Host.ts"

/** A source of readings that is unavailable on this machine, and why. */
export class NoTelemetry extends Schema.TaggedError<NoTelemetry>()("NoTelemetry", {
  /** Such as `NVML`. */
  source: Schema.NonEmptyString,
  detail: Schema.NonEmptyString,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.source}: ${this.detail}`
  }
}

/** A maker of GPUs, by its driver and tools: all that the rest of the program knows of it. */
export interface Vendor {
  /** Such as `nvidia`; each of its devices has it as `Device.vendor`. */
  readonly id: string
  /** What its devices are called in configs, before their index: `cuda` for `cuda:0`. */
  readonly alias: string
  /** Whether its driver answers, also where no GPU reports enough to be placed on. */
  readonly present: Effect.Effect<boolean>
  /** Its GPUs, in the order in which its own tools number them; none where its driver does not answer. */
  readonly discover: Effect.Effect<ReadonlyArray<Device>>
  /** Ways to read its devices, the best first: the first that can be opened is used. */
  readonly read: ReadonlyArray<Effect.Effect<DeviceSource, NoTelemetry, Scope.Scope>>
  /** Variables by which its runtime hides devices, in the order in which it reads them. A user may have set them. */
  readonly masks: ReadonlyArray<string>
  /**
   * Variables by which a child process finds these of its devices alone, in this order; of none, it finds none. They
   * replace whatever the child would inherit. Pure.
   */
  readonly restrict: (devices: ReadonlyArray<Device>) => Readonly<Record<string, string>>
}

/** Ids of the vendors whose driver answers on this machine: a backend may install another build of its engine for them. */
export class Vendors extends Context.Reference<ReadonlyArray<string>>("rigbook/Vendors", { defaultValue: () => [] }) {}
