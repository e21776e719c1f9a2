/** Flags with their values; `true` for a flag that has none. */
export type Flags = Readonly<Record<string, string | number | true>>
