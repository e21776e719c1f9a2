import { measured } from "@rigbook/core"
import { trialSample } from "@rigbook/testkit"

/** Samples, and what the metric makes of them. */
export const examples = [{ sample: trialSample(), expected: measured(10) }]
