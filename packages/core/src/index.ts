export { type AsyncBackend, asyncBackend, type AsyncSession, type AsyncTools } from "./AsyncBackend.ts"
export {
  type AnyBackend,
  type AskInput,
  type Backend,
  type DemandInput,
  type DevicesInput,
  type FoundServer,
  type Machine,
  type Memory,
  type OfferedModel,
  type OpenInput,
  type OptionIssue,
  type ReferenceModel,
  type Placing,
  type Preparing,
  type ProbeOptions,
  type ServicesOf,
  type Session,
  type Tunable,
  type TunesInput,
  type UnusableDevice,
} from "./Backend.ts"
export { type Backends } from "./Backends.ts"
export { type AnyComplete, complete, type Complete } from "./Complete.ts"
export { cleanText } from "./CleanText.ts"
export { type DatasetLoader, type LoadedDataset } from "./DatasetLoader.ts"
export { type Exit, type Failing, isFailing } from "./Failing.ts"
export {
  type Connection,
  HostAway,
  LaunchError,
  type Launcher,
  type LaunchTarget,
  type MissingFile,
  ShapeRefused,
  type Submitted,
  type Watched,
} from "./Launcher.ts"
export { makeBackend } from "./MakeBackend.ts"
export { absent, Measured, measured, over } from "./Measured.ts"
export { type Metric, metricWithOptions, type Role, type Unit, type Units, type View } from "./Metric.ts"
export { placedDemand } from "./PlacedDemand.ts"
export {
  CONTRACT,
  OLDEST_CONTRACT,
  PLUGIN_KINDS,
  PluginError,
  type PluginKind,
  PluginManifest,
  PluginPart,
  PluginRules,
} from "./Plugin.ts"
export { Progress, type ProgressEvent, report } from "./Progress.ts"
export { remembered } from "./Remembered.ts"
export { type FileContent, type Reporter } from "./Reporter.ts"
export { isSecretName, keepSecret, masked, secretIn, shownAddress } from "./Secrets.ts"
export { textSha256 } from "./TextHash.ts"
export { NoTelemetry, type Vendor, Vendors } from "./Vendor.ts"
export { VERSION } from "./Version.ts"
export { plainLines, visible, visibleLines } from "./Visible.ts"
export { FILE_LIMITS, type FileLimit } from "./files/FileLimits.ts"
export { readBytes, readText, readTextIfAny } from "./files/ReadFile.ts"
export { UnreadableFile } from "./files/UnreadableFile.ts"
export { WORKSPACE_FILE } from "./files/Workspaces.ts"
export { clockLimits, THROTTLING } from "./host/ClockLimits.ts"
export {
  ClockLimit,
  DEVICE_FIELDS,
  type DeviceField,
  DeviceProcess,
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  DeviceValues,
  type Reported,
  type ReportedFields,
} from "./host/DeviceReading.ts"
export { Environment } from "./host/Environment.ts"
export { CPU, Device, DeviceId, Host } from "./host/Host.ts"
export { HostFacts } from "./launch/HostFacts.ts"
export { Observation, Outcome } from "./launch/Observation.ts"
export { nodesHere, UNIT_NODES, UnitNodes, unitNodes } from "./launch/UnitNodes.ts"
export { attemptOf, makeUnit, nextAttempt, Shape, LaunchUnit, type UnitInput } from "./launch/LaunchUnit.ts"
export {
  markedName,
  ModelFacts,
  type ModelFiles,
  syntheticMark,
  Task,
  weightsMark,
  weightsName,
} from "./model/Model.ts"
export { ModelSource, PackageSource } from "./model/ModelSource.ts"
export { AnyModel, isServed, NOT_REPORTED, ServedModel } from "./model/ServedModel.ts"
export { QUANTIZED_KEY, quantizedMark } from "./model/QuantizedMark.ts"
export { fileTypeOf, type Quantization, QUANTIZATIONS } from "./model/Recipe.ts"
export { SyntheticModel } from "./model/SyntheticModel.ts"
export { weightCount } from "./model/WeightCount.ts"
export { bytesOf, Demand, DemandPart, DeviceDemand, neededBytes, type ReportedDemand } from "./placement/Demand.ts"
export {
  cpu,
  Placement,
  placementName,
  Refusal,
  shortfall,
  single,
  type Strategy,
  type StrategyInput,
} from "./placement/Placement.ts"
export { Answers } from "./record/Answers.ts"
export { Estimate } from "./record/Estimate.ts"
export { canonicalJson, identityOf, recordId } from "./record/Identity.ts"
export { ObservedDevice, PlacementProof } from "./record/ObservedDevice.ts"
export { CellOrder } from "./record/CellOrder.ts"
export { RunLine } from "./record/RunLine.ts"
export { CellSpec, medianOf, MetricValue, Requested, RunRecord } from "./record/RunRecord.ts"
export { ClientReadings, MemoryReadings, ProcessMemory, RequestSample, Sample } from "./record/Sample.ts"
export { Summary } from "./record/Summary.ts"
export { Truncation } from "./record/Truncation.ts"
export { type Turn } from "./record/Turn.ts"
export { Phase, type TelemetryOpening, TelemetryReading } from "./record/TelemetryOpening.ts"
export {
  areaOf,
  engineBytes,
  meanOverTime,
  placedGpus,
  seriesOf,
  type TrialTelemetry,
  trialTelemetry,
} from "./record/TrialTelemetry.ts"
export { reason, REASONS, Verdict, verdictOf, VerdictReason } from "./record/Verdict.ts"
export { Agreement } from "./registry/Agreement.ts"
export { type CheckedClaim, Claim, type Witness } from "./registry/Claim.ts"
export { type Equivalence } from "./registry/Equivalence.ts"
export { Imported, ImportedFigure, ImportedFile, ImportedResult, type Importer } from "./registry/Imported.ts"
export { type NextStep } from "./registry/NextStep.ts"
export { type Note, NoteHead } from "./registry/Note.ts"
export { PlannedEstimate, PlannedModel } from "./registry/PlannedModel.ts"
export { type CriterionResult, type QualityResult, type Rating, type Stars } from "./registry/Rating.ts"
export { Criterion, QualityCriterion, RatingRules, UseCase } from "./registry/RatingRules.ts"
export { type Rated, type Recommendation } from "./registry/Recommendation.ts"
export { type CheckedNote, type Entry, type Registry } from "./registry/Registry.ts"
export {
  BackendError,
  backendError,
  BadFiles,
  BadModel,
  Crashed,
  NotInstalled,
  OutOfMemory,
  Reason,
  Refused,
  TimedOut,
  Unsupported,
} from "./runtime/BackendError.ts"
export { FailureKind, RequestFailureKind } from "./runtime/FailureKind.ts"
export { RequestFailed, requestFailed } from "./runtime/RequestFailed.ts"
export { EngineIdentity } from "./runtime/EngineIdentity.ts"
export { Effective, EngineBuffer, Runtime } from "./runtime/Runtime.ts"
export { type Dataset, type Measure, unitsOf } from "./scenario/Dataset.ts"
export { Batch, batchName } from "./scenario/kinds/Batch.ts"
export { type Load } from "./scenario/Load.ts"
export { ModelConfig, PlacementRequest, Planned, Protocol } from "./scenario/ModelConfig.ts"
export { ModelFile, ScenarioSet, Sweep, Variant } from "./scenario/ModelFile.ts"
export { type PlannedRequest } from "./scenario/PlannedRequest.ts"
export { type PromptSet } from "./scenario/PromptSet.ts"
export { Prompts } from "./scenario/Prompts.ts"
export { type Ramp } from "./scenario/Ramp.ts"
export { bounds, repetitionName } from "./scenario/Repetition.ts"
export {
  type Completion,
  type DivergeRequest,
  type DraftCounts,
  type EmbedRequest,
  type EngineTimings,
  type GenerateRequest,
  type Observer,
  type Prompt,
  type Request,
} from "./scenario/Request.ts"
export { NAMED_WAITS, Retry, waitBefore } from "./scenario/Retry.ts"
export {
  asksAgain,
  ifItFits,
  isBatch,
  isLoad,
  isMultiTurn,
  isQuality,
  KINDS,
  kindOf,
  loadOf,
  promptsOf,
  raisedOf,
  rampOf,
  referenceOf,
  rungsOf,
  Scenario,
  scenarioName,
  scenarioOrder,
  scenarioTask,
  trialWork,
} from "./scenario/Scenario.ts"
export { SCENARIO_SETS } from "./scenario/ScenarioSets.ts"
export { type Raised, type ScenarioKind, type TextSource } from "./scenario/ScenarioKind.ts"
export { ChunkDivergence, Scored } from "./scenario/Scored.ts"
export { seeded } from "./scenario/Seeded.ts"
export { Slo } from "./scenario/Slo.ts"
export { Stamps } from "./scenario/Stamps.ts"
export { SYNTHETIC, syntheticText } from "./scenario/SyntheticText.ts"
export { parseTrace } from "./scenario/Trace.ts"

// What backends of contract 1 import from here; others import it from its own entry point.
export {
  cacheFolder,
  CommandFailed,
  compilePackages,
  embedTexts,
  engineProcess,
  environmentPython,
  findPython,
  freePort,
  HttpFailure,
  installOnce,
  isPortFree,
  lockHash,
  openAiClient,
  scrubbedEnvironment,
  SetupError,
  shortCommand,
  unpackPackages,
  untilReady,
  virtualEnvironment,
} from "./engine/index.ts"
export {
  fetchModel,
  fileSha256,
  makeSynthetic,
  modelFiles,
  originFile,
  outlineModel,
  readGguf,
  readSafetensors,
} from "./models/index.ts"
