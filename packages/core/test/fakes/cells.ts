// Shipped to plugin authors by the testkit. By its path, for core depends on no package of ours.
export * from "../../../testkit/src/FakeCell.ts"
