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
  it("keeps what is listed, without the engine's own variables, and nothing else", () => {
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

  it("keeps what GPUs, threads, libraries and engines are steered by", () => {
    const names =
      "CUDA_HOME NVIDIA_VISIBLE_DEVICES HIP_VISIBLE_DEVICES HSA_OVERRIDE_GFX_VERSION ROCR_VISIBLE_DEVICES ROCM_PATH VK_ICD_FILENAMES " +
      "OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS MALLOC_ARENA_MAX HF_HOME VLLM_LOGGING_LEVEL TORCH_HOME XDG_CACHE_HOME " +
      "LC_ALL LD_LIBRARY_PATH TMPDIR ZE_AFFINITY_MASK SLURM_JOB_ID NCCL_SOCKET_IFNAME"
    const all = Object.fromEntries(names.split(" ").map((name) => [name, "1"]))
    assert.deepStrictEqual(scrubbedEnvironment([], {}, all), all)
  })

  it("lets no secret through under a name that is listed, unless the user names it", () => {
    const secrets = {
      HF_TOKEN: "made-up",
      VLLM_API_KEY: "made-up",
      RAY_AUTH: "made-up",
      HF_ENDPOINT: "http://me:made-up@host",
      TORCH_URL: "sk-made-up-word-1",
      MY_SITE: "made-up",
    }
    assert.deepStrictEqual(scrubbedEnvironment([], {}, secrets), {})
    const named = { ...secrets, RIGBOOK_ENGINE_ENV: "MY_SITE, HF_TOKEN" }
    assert.deepStrictEqual(scrubbedEnvironment(["HF_"], {}, named), { HF_TOKEN: "made-up", MY_SITE: "made-up" })
  })

  it("starts from this process's own environment", () => {
    assert.strictEqual(scrubbedEnvironment([])["PATH"], process.env["PATH"])
  })

  it.prop("lets no secret through", { name: Schema.String }, ({ name }) => {
    for (const key of [`${name}_TOKEN`, `${name}API_KEY`, `${name}secret`])
      assert.deepStrictEqual(scrubbedEnvironment([], {}, { [key]: "x" }), {})
  })
})
