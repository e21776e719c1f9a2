/** Text of a package.json with a manifest. */
export const manifest = (name: string, rigbook: object = {}, version = "1.0.0"): string =>
  JSON.stringify({ name, version, rigbook: { contract: 1, ...rigbook } }, null, 2)
