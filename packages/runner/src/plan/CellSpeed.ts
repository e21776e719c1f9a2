import { absent, type Measured, type Placement } from "@rigbook/core"
import { valueOf } from "./Known.ts"
import type { PlannedCell } from "./PlannedCell.ts"
import { decodeAt, type SpeedOf, speedOf } from "./Speed.ts"

/** How fast a cell is expected to be, and how fast at the end of the longest context that fits. Pure. */
export const cellSpeed = <R>(
  cell: Omit<SpeedOf<R>, "placement">,
  placement: Placement | undefined,
  longest: Measured,
): Pick<PlannedCell<R>, "speed" | "speedAtLongest"> => {
  if (placement === undefined) {
    const nowhere = absent("no placement is possible")
    return { speed: { decode: { absent: "no placement is possible" }, prompt: nowhere, measured: nowhere } }
  }
  const { backend, options } = cell
  const speed = speedOf({ ...cell, placement })
  if ("absent" in speed.decode || "absent" in longest || longest.value <= speed.decode.value.depth) return { speed }
  const whole = backend.withContext?.(options, longest.value) as unknown
  const end = valueOf(decodeAt({ ...cell, options: whole, placement }, longest.value))
  return { speed, ...(end === undefined ? {} : { speedAtLongest: end }) }
}
