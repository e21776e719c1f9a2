import type { Exit } from "@rigbook/core"
import { Schema } from "effect"

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
