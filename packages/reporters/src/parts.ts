import type { Registry, Reporter } from "@rigbook/core"

/** Both forms of a registry's text, from a function that makes its parts. */
export const registryIn = (
  parts: (registry: Registry) => Iterable<string>,
): Required<Pick<Reporter, "registry" | "registryParts">> => ({
  registry: (registry) => whole(parts(registry)),
  registryParts: parts,
})

/** A text of its parts. */
export const whole = (parts: Iterable<string>): string => [...parts].join("")
