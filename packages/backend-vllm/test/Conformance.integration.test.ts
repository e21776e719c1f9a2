import { NodeServices } from "@effect/platform-node"
import { backendSuite, fakeServer } from "@rigbook/testkit"
import { Effect } from "effect"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { vllm } from "../src/Vllm.ts"
import { prepared, SMALL } from "./TinyModel.ts"

/** A port that another server listens on. */
const takenPort = Effect.map(
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = fakeServer()
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => void server.close()),
  ),
  (server) => (server.address() as AddressInfo).port,
)

const OPTIONS = { ...SMALL, maxModelLen: 512 }

backendSuite(
  vllm,
  NodeServices.layer,
  Effect.gen(function* () {
    const { files } = yield* prepared
    const port = yield* takenPort
    return {
      options: OPTIONS,
      models: { generate: files, embed: files },
      placement: "cpu",
      prompt: { text: "w1 w2 w3 w4" },
      texts: ["w1 w2", "w3", "w4 w5 w6"],
      faults: {
        missingProgram: { ...OPTIONS, vllm: "/nowhere/vllm" },
        unsupported: { ...OPTIONS, port },
        outOfMemory: { options: { ...OPTIONS, kvCacheBytes: 2 ** 45 } },
      },
    }
  }),
)
