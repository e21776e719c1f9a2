import { Context } from "effect"
import type { StreamThread } from "./StreamThread.ts"

/** The threads that make requests now: how busy they are shows whether a load measures its own client. */
export class ClientThreads extends Context.Reference<Set<Pick<StreamThread, "watch" | "readings">>>(
  "rigbook/ClientThreads",
  { defaultValue: () => new Set() },
) {}
