export { type VulkanDevice, vulkanDevices } from "./devices/VulkanDevices.ts"
export { cacheFolder, lockHash } from "./install/CacheFolder.ts"
export { findPython } from "./install/FindPython.ts"
export { installOnce, SetupError } from "./install/Install.ts"
export { diskProblem, explainedFiles } from "./files/Disk.ts"
export { partialPath, removeLeftovers } from "./files/Partial.ts"
export {
  compilePackages,
  environmentPython,
  type PythonPackages,
  unpackPackages,
  virtualEnvironment,
} from "./install/Python.ts"
export { unusableByTorch } from "./install/TorchDevices.ts"
export { ClientThreads } from "./process/ClientThreads.ts"
export { type EngineProcess, engineProcess, type EngineProcessSpec } from "./process/EngineProcess.ts"
export { freePort, isPortFree } from "./process/FreePort.ts"
export { isGuard } from "./process/Guard.ts"
export { HttpFailure } from "./process/HttpFailure.ts"
export { type MemoryCeiling } from "./process/MemoryCeilings.ts"
export { type LoopReadings, loopReadings, RESOLUTION_MS } from "./process/LoopReadings.ts"
export { type OpenAiClient, openAiClient } from "./process/OpenAiClient.ts"
export { embedTexts } from "./process/OpenAiEmbeddings.ts"
export { type EndedEarly, type NotReady, untilReady } from "./process/Readiness.ts"
export { endOrphans } from "./process/Orphans.ts"
export { type ProcessMark, markText, ownMark, parseMark, stateOf } from "./process/ProcessMark.ts"
export { scrubbedEnvironment } from "./process/ScrubbedEnvironment.ts"
export { CommandFailed, shortCommand } from "./process/ShortCommand.ts"
export { serverBackend } from "./server/ServerBackend.ts"
export { type AttachedServer, type OwnServer, type ServerServices } from "./server/ServerEngine.ts"
