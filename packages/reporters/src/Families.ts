import { type Registry, remembered } from "@rigbook/core"
import { type Family, familiesOf } from "@rigbook/registry"

/** A registry's families, worked out once for all of its pages. */
export const familiesIn = remembered(({ entries, planned }: Registry): ReadonlyArray<Family> =>
  familiesOf(entries, planned),
)
