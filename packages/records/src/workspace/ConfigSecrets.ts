import { isSecretName, masked, secretIn } from "@rigbook/core"

type Path = ReadonlyArray<PropertyKey>

/** A secret in a config: where, and what to do. Its message doesn't repeat it. */
export interface ConfigSecret {
  readonly path: Path
  readonly message: string
}

const INSTEAD =
  "Records keep what a config says: put it into an environment variable, and use tokenEnv, which names that variable"

/** Secrets anywhere in a document, by their shape or by the name of their key. Pure. */
export const configSecrets = (value: unknown, path: Path = []): ReadonlyArray<ConfigSecret> => {
  if (typeof value === "string") {
    const of = secretIn(value)
    return of === undefined ? [] : [{ path, message: `has ${of} in it, ${shown(value)}. ${INSTEAD}` }]
  }
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]): ReadonlyArray<ConfigSecret> => {
    if (secretIn(key) !== undefined) return [{ path, message: `has a secret as a key, ${shown(key)}. ${INSTEAD}` }]
    return isSecretName(key) && (typeof inner === "number" || (typeof inner === "string" && inner !== ""))
      ? [{ path: [...path, key], message: `is a secret by its name. ${INSTEAD}` }]
      : configSecrets(inner, [...path, key])
  })
}

/** Enough to find it in the file: what is around a secret, where that is known. */
const shown = (text: string): string => {
  const hidden = masked(text)
  return hidden === text || hidden.length > 80 ? "which is not shown" : hidden
}
