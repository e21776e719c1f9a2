export { captureHost, deviceMasks } from "./host/CaptureHost.ts"
export { HostDescription, readHostDescription, readHostRates } from "./host/HostDescription.ts"
export { MemoryReader } from "./host/MemorySampler.ts"
export { processTree } from "./host/ProcessTree.ts"
export type { RatesByName } from "./host/Rates.ts"
export { LOCAL, localConnection, misfit, recordsIn } from "./launch/LocalConnection.ts"
export { farBackends } from "./launch/FarBackends.ts"
export { launch, type Launched } from "./launch/Launch.ts"
export { forgetUnit, keptUnits } from "./launch/UnitFiles.ts"
export { unitsOf } from "./launch/UnitsOf.ts"
export { type Cell } from "./plan/Cell.ts"
export { estimatePlanned } from "./plan/EstimatePlanned.ts"
export { expectedSeconds } from "./plan/ExpectedTime.ts"
export { OrderMismatch } from "./plan/OrderMismatch.ts"
export { learnedOverhead, observedOverheads } from "./plan/Overhead.ts"
export { type Plan, plan } from "./plan/Plan.ts"
export { planFiles, planModel } from "./plan/PlanModel.ts"
export { type PlannedCell } from "./plan/PlannedCell.ts"
export { readOrder, readUnit } from "./plan/ReadOrder.ts"
export { type ExpectedSpeed } from "./plan/Speed.ts"
export { resolvePlacement } from "./plan/ResolvePlacement.ts"
export { type BrokenPlugin, findPlugins, type Plugin, readPlugin } from "./plugin/FindPlugins.ts"
export {
  loadAny,
  loadBackend,
  loadCheck,
  loadDatasetLoader,
  loadLauncher,
  loadMetric,
  loadReporter,
} from "./plugin/LoadPart.ts"
export { loadedPlugins, pluginInStack } from "./plugin/LoadedPlugins.ts"
export { pluginBackends } from "./plugin/PluginBackends.ts"
export { type Part, partsOf, pluginParts } from "./plugin/PluginParts.ts"
export { reasonOf } from "./plugin/PluginThrew.ts"
export { answerRequests, askForAnswers } from "./run/Answers.ts"
export { cellsToRun } from "./run/CellsToRun.ts"
export { run } from "./run/Run.ts"
export { runTrial } from "./run/Trial.ts"
export { runOrder } from "./run/RunOrder.ts"
export { runUnit } from "./run/RunUnit.ts"
export { type DeviceMask, maskText } from "./vendors/DeviceMask.ts"
export { DeviceSources, type OpenSources, readDevices } from "./vendors/DeviceSources.ts"
export { aliasOf, presentVendors, restrictedTo } from "./vendors/Vendors.ts"
