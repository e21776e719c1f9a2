import { Schema } from "effect"

/** The `description` annotations of a schema's fields, by their names: what the JSON Schema says of them as well. */
export const descriptionsOf = (schema: unknown): ReadonlyMap<string, string> => {
  if (!Schema.isSchema(schema)) return new Map()
  const { fields, members } = schema as { readonly fields?: object; readonly members?: ReadonlyArray<unknown> }
  const inner = Object.entries(fields ?? {}).flatMap(([name, field]) => {
    const description = descriptionOf(field)
    return description === undefined ? [] : [[name, description] as const]
  })
  return new Map([...(members ?? []).flatMap((member) => [...descriptionsOf(member)]), ...inner])
}

const descriptionOf = (field: unknown): string | undefined => {
  if (!Schema.isSchema(field)) return undefined
  const { description } = Schema.resolveAnnotations(field) ?? {}
  if (typeof description === "string") return description
  // `optionalKey` and defaults wrap what is described.
  const { from, schema, to } = field as { readonly schema?: unknown; readonly from?: unknown; readonly to?: unknown }
  return descriptionOf(schema) ?? descriptionOf(to) ?? descriptionOf(from)
}
