import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { scrubbedEnvironment } from "../../../src/engine/process/ScrubbedEnvironment.ts"

const from = {
  PATH: "/bin",
  HOME: "/home/me",
  CUDA_VISIBLE_DEVICES: "0",
  TOKENIZERS_PARALLELISM: "false",
  LLAMA_ARG_CTX_SIZE: "99",
  LLAMA_CACHE: "/cache",
  HTTP_PROXY: "http://proxy",
  https_proxy: "http://proxy",
  no_proxy: "localhost",
  ALL_PROXY: "socks://proxy",
  LD_PRELOAD: "/evil.so",
  LD_LIBRARY_PATH: "/lib",
  PYTHONPATH: "/elsewhere",
  GUARD_GRACE: "0",
  HF_TOKEN: "secret",
  GITHUB_TOKEN: "secret",
  OPENAI_API_KEY: "secret",
  AWS_SECRET_ACCESS_KEY: "secret",
  db_password: "secret",
  GOOGLE_APPLICATION_CREDENTIALS: "secret",
  UNSET: undefined,
}

describe("scrubbedEnvironment", () => {
  it("drops the engine's own variables, proxies and secrets, and keeps the rest", () => {
    assert.deepStrictEqual(scrubbedEnvironment(["LLAMA_ARG_"], {}, from), {
      PATH: "/bin",
      HOME: "/home/me",
      CUDA_VISIBLE_DEVICES: "0",
      TOKENIZERS_PARALLELISM: "false",
      LLAMA_CACHE: "/cache",
      LD_LIBRARY_PATH: "/lib",
    })
  })

  it("sets what is given, whatever it is called", () => {
    const env = scrubbedEnvironment(["PATH"], { HF_TOKEN: "mine", GUARD_GRACE: "2" }, from)
    assert.deepInclude(env, { HF_TOKEN: "mine", GUARD_GRACE: "2" })
    assert.notProperty(env, "PATH")
  })

  it("starts from this process's own environment", () => {
    assert.strictEqual(scrubbedEnvironment([])["PATH"], process.env["PATH"])
  })

  it.prop("lets no secret through", { name: Schema.String }, ({ name }) => {
    for (const key of [`${name}_TOKEN`, `${name}API_KEY`, `${name}secret`])
      assert.deepStrictEqual(scrubbedEnvironment([], {}, { [key]: "x" }), {})
  })
})
