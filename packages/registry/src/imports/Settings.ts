type Row = Record<string, unknown>

/**
 * The settings in which a row differs from the other rows of its file, as `key value`: of all keys except those that
 * hold results or are shown anyway.
 */
export const settingsThatDiffer = (
  rows: ReadonlyArray<Row>,
  reported: (key: string) => boolean,
): ((row: Row) => ReadonlyArray<string>) => {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)))
  const differ = [...keys].filter(
    (key) =>
      !reported(key) &&
      rows.every((row) => typeof row[key] !== "object" || row[key] === null) &&
      new Set(rows.map((row) => row[key] ?? null)).size > 1,
  )
  return (row) => differ.map((key) => `${key} ${shown(row[key] ?? "not stated")}`)
}

/** A setting, for people. */
export const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))
