export {
  appendJournal,
  appendShared,
  BadJournal,
  type Journal,
  JournalLine,
  mendJournal,
  readJournal,
} from "./journal/Journal.ts"
export { appendTelemetry, BadTelemetry, mendTelemetry, readTelemetry, TelemetryLine } from "./journal/TelemetryFile.ts"
export { isWhole } from "./journal/Trials.ts"
export { METRICS } from "./metrics/Metrics.ts"
export { metricOf, type SoleRole, withRole } from "./metrics/Roles.ts"
export { valuesOf } from "./metrics/Values.ts"
export { columnsOf, type Shelf, type ViewColumn } from "./metrics/Views.ts"
export { published } from "./sharing/Mask.ts"
export { fromOrigin, isOrigin, originOfHost } from "./sharing/Origin.ts"
export { folderOf, originsOf, originWorkspace, readAllRecords, withPulled } from "./sharing/Pulled.ts"
export { shareRecords } from "./sharing/ShareRecords.ts"
export { type Taken, takeRecords } from "./sharing/TakeRecords.ts"
export { compareSamples, type Difference, DIFFERS } from "./statistics/CompareSamples.ts"
export { hodgesLehmann } from "./statistics/HodgesLehmann.ts"
export { holm } from "./statistics/Holm.ts"
export { mannWhitney, smallestP } from "./statistics/MannWhitney.ts"
export { minimumDetectableEffect } from "./statistics/MinimumDetectableEffect.ts"
export { pairedBootstrap } from "./statistics/Bootstrap.ts"
export { knee, KNEE_GAIN } from "./statistics/Knee.ts"
export { valuesNeeded } from "./statistics/Percentile.ts"
export { median, quantile } from "./statistics/Quantile.ts"
export { coefficientOfVariation, standardDeviation } from "./statistics/Spread.ts"
export { summarize } from "./statistics/Summary.ts"
export type { Staleness } from "./store/Derivation.ts"
export { leftRuns } from "./store/LeftRuns.ts"
export type { FigureChange, RecordChanges } from "./store/RecordChanges.ts"
export {
  BadRecord,
  deriveRecord,
  readRecord,
  readRecords,
  RECORD_FILE,
  recordFolders,
  recordText,
  unfinishedFolders,
  writeRecord,
} from "./store/RecordStore.ts"
export { rederive, type Rederived } from "./store/Rederive.ts"
export { CLAIM_FILE, claimRun } from "./store/RunClaim.ts"
export { runLock, WorkspaceBusy } from "./store/RunLock.ts"
export { keepRunPlan } from "./store/RunPlan.ts"
export { type RunProgress, runProgress } from "./store/RunProgress.ts"
export { estimatesOf, knownBytes, observedBytes } from "./verdict/Estimate.ts"
export { agreement } from "./verdict/Judge.ts"
export { chanceOf } from "./verdict/JudgeQuality.ts"
export { layoutDifference } from "./verdict/JudgePlacement.ts"
export { GOOD_SHARE, type Rung, rungOf, type Saturation, saturationOf } from "./verdict/Saturation.ts"
export { measuredEnough, warmEnough } from "./verdict/Settled.ts"
export { adoptRecord, RecordRefused } from "./verification/AdoptRecord.ts"
export { type Finding, findingText } from "./verification/Finding.ts"
export { differentLines } from "./verification/RecordLines.ts"
export { verifyRecord } from "./verification/VerifyRecord.ts"
export { type ConfigFile, decodeAt, parseConfigFile, readConfigFile, yamlText } from "./workspace/ConfigFile.ts"
export { ConfigError, ConfigIssue, formatIssue } from "./workspace/ConfigIssue.ts"
export { type ConfigOutline, type ReadOutline, readOutlines } from "./workspace/ConfigOutline.ts"
export { localNames, shareLogs } from "./workspace/LocalPaths.ts"
export { readScenarioSet } from "./workspace/ScenarioSet.ts"
export { configId, configsIn, configsOfValue, type NamedConfig } from "./workspace/NamedConfig.ts"
export { readPrompts, syntheticSet } from "./workspace/PromptSet.ts"
export { BadPromptSet } from "./workspace/PromptText.ts"
export { closestKey, unknownName } from "./workspace/SchemaProblem.ts"
export { findWorkspace, NoWorkspace, type Workspace, workspaceAt, WorkspaceConfig } from "./workspace/Workspace.ts"
export { writeAtomically } from "./workspace/WriteAtomically.ts"
