export type { Action, ActionOf } from "./Action.ts"
export { parse } from "./Parse.ts"
export { installedBackends, installedMetrics } from "./Plugins.ts"
export { registryReporters, reporter } from "./Reporters.ts"
