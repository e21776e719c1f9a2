import type { Verdict } from "@rigbook/core"

/** The shape beside a verdict, in tables and plots, so that no verdict is told by its colour alone. */
export const SHAPE: Readonly<Record<Verdict["status"], string>> = { valid: "●", suspect: "▲", invalid: "✕" }
