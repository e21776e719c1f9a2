import { assert, describe, it } from "@effect/vitest"
import { afterEach, vi } from "vitest"
import { bindingOf, coresIn, serverEnvironment } from "../src/Environment.ts"
import { Placement } from "@rigbook/core"
import { gpuId, nodeGpus, nodes, onCpu, onCpuIn, onGpus } from "./Model.ts"
import { options } from "./Options.ts"

afterEach(() => void vi.unstubAllEnvs())

const visible = { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: "GPU-0,GPU-1" }

describe("serverEnvironment", () => {
  it("takes away what would steer vLLM unnoticed, and secrets", () => {
    for (const name of ["VLLM_USE_V1", "HF_HOME", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "HF_TOKEN", "MY_API_KEY"])
      vi.stubEnv(name, "x")
    vi.stubEnv("LC_TIME", "kept")
    const env = serverEnvironment(options({}), { placement: onCpu, visible: { CUDA_VISIBLE_DEVICES: "" } }, [0, 1])
    assert.deepInclude(env, {
      LC_TIME: "kept",
      CUDA_VISIBLE_DEVICES: "",
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
      DO_NOT_TRACK: "1",
    })
    for (const name of ["VLLM_USE_V1", "HF_HOME", "OMP_NUM_THREADS", "HF_TOKEN", "MY_API_KEY"])
      assert.notProperty(env, name)
    assert.notProperty(env, "VLLM_CPU_OMP_THREADS_BIND", "one process is bound by vLLM itself")
  })

  it("shows what is visible only", () => {
    const given = { placement: onGpus("tensor", 2), visible }
    const env = serverEnvironment(options({ threads: "0-3" }), given, [0, 1])
    assert.deepInclude(env, visible)
    assert.notProperty(env, "VLLM_CPU_OMP_THREADS_BIND")
  })

  it("shows the first of several nodes in which network it is", () => {
    const placement = new Placement({ strategy: "nodes", devices: [gpuId(0), ...nodeGpus] })
    assert.deepInclude(serverEnvironment(options({ nodes }), { placement, visible }, [0], "10.0.0.1"), {
      ...visible,
      VLLM_HOST_IP: "10.0.0.1",
    })
    const single = { placement: onGpus("single", 1), visible }
    assert.notProperty(serverEnvironment(options({ nodes }), single, [0]), "VLLM_HOST_IP")
  })

  it("binds each process on the processor to cores of its own, or as the config says", () => {
    const binding = (given: object, placement: Placement, cores: ReadonlyArray<number>) =>
      serverEnvironment(options(given), { placement, visible: {} }, cores)["VLLM_CPU_OMP_THREADS_BIND"]
    assert.strictEqual(binding({}, onCpuIn(2), [4, 5, 6, 7, 8]), "4,5|6,7")
    assert.strictEqual(binding({ threads: "0|1" }, onCpuIn(2), [4, 5]), "0|1")
    assert.strictEqual(binding({ threads: "nobind" }, onCpu, [0]), "nobind")
  })
})

describe("bindingOf", () => {
  it("leaves it to vLLM where there is one process, or no core for each", () => {
    assert.isUndefined(bindingOf(1, [0, 1]))
    assert.isUndefined(bindingOf(3, [0, 1]))
  })
})

describe("coresIn", () => {
  it("reads the kernel's lists", () => {
    assert.deepStrictEqual(coresIn("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11])
    assert.deepStrictEqual(coresIn("5"), [5])
    assert.deepStrictEqual(coresIn(""), [])
  })
})
