import type { AnyKind } from "./Fault.ts"
import { clock } from "./kinds/Clock.ts"
import { config } from "./kinds/Config.ts"
import { cut } from "./kinds/Cut.ts"
import { damage } from "./kinds/Damage.ts"
import { disk } from "./kinds/Disk.ts"
import { file } from "./kinds/File.ts"
import { imports } from "./kinds/Import.ts"
import { plugin } from "./kinds/Plugin.ts"
import { secret } from "./kinds/Secret.ts"
import { server } from "./kinds/Server.ts"
import { engineSignals, signal } from "./kinds/Signal.ts"

export const KINDS: ReadonlyArray<AnyKind> = [
  config,
  file,
  damage,
  cut,
  server,
  secret,
  imports,
  clock,
  signal,
  disk,
  plugin,
]

/** With those that are injected only where they are named: they need engines that `rigbook setup` has installed. */
export const ALL_KINDS: ReadonlyArray<AnyKind> = [...KINDS, ...engineSignals]
