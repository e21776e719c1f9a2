export { type Comparable } from "./comparison/Comparable.ts"
export {
  compare,
  type Comparison,
  type MetricComparison,
  type NotComparable,
  type RecordComparison,
} from "./comparison/Compare.ts"
export { type Gate, gate } from "./comparison/Gate.ts"
export { overHosts } from "./comparison/OverHosts.ts"
export { type Pairing, pairRecords } from "./comparison/PairRecords.ts"
export { type Crossing, CROSSINGS, hostsDetail } from "./comparison/Unlike.ts"
export { BadImport, importFile, importFolders } from "./imports/ImportStore.ts"
export { verifyImport } from "./imports/VerifyImport.ts"
export { type LossRow, type LossTradeoff, lossTradeoffsOf } from "./rating/LossTradeoff.ts"
export { readRatingRules } from "./rating/ReadRatingRules.ts"
export { agreementOf } from "./registry/Agreement.ts"
export {
  byRecord,
  equivalencesOf,
  judgedTogether,
  MIN_COSINE,
  MIN_PREFIX,
  worstBySetup,
} from "./registry/Equivalence.ts"
export { familiesOf, type Family } from "./registry/Family.ts"
export { parseNote } from "./registry/ReadNotes.ts"
export { makeRegistry, type RegistryInput } from "./registry/Registry.ts"
export {
  checkRegistry,
  type EstimateOutlines,
  type RegistryDifference,
  type RegistryFile,
  renderRegistry,
  writeRegistry,
} from "./registry/RegistryFiles.ts"
export { releaseRegistry } from "./registry/Release.ts"
export { byModel } from "./registry/SameModel.ts"
