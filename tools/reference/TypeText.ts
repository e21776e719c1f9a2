/** A type as people know it: `DeviceId`, not a string with a brand. */
export const brandless = (type: string): string => type.replaceAll(/\(?string & Brand<"(\w+)">\)?/g, "$1")

/** The name of the schema that a field of an unnamed shape is made of, where it has one. */
export const namedSchema = (source: string, type: string): string | undefined => {
  if (!type.includes("{")) return undefined
  const optional = source.replace(/^(?:S|Schema)\.optionalKey\((.*)\)$/, "$1")
  const [, list, name] = /^((?:S|Schema)\.(?:NonEmpty)?Array\()?([A-Z]\w*)\)?$/.exec(optional) ?? []
  return name === undefined ? undefined : list === undefined ? name : `readonly ${name}[]`
}

/** Whether a type holds numbers: itself, in a list, in a map, or as a value that may be absent. */
export const isNumeric = (type: string): boolean =>
  /^(?:readonly )?(?:\(?number(?: \| (?:undefined|null))*\)?(?:\[\])*|\{ readonly \[x: string\]: number; \}|ReadonlyMap<\w+, number>|Measured|\{ readonly value: number; \} \| \{ readonly absent: string; \})(?: \| undefined| \| null)*$/.test(
    type,
  )
