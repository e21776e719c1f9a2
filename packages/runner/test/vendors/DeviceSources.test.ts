import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { until } from "../../../core/test/fakes/until.ts"
import { openSources, readDevices } from "../../src/vendors/DeviceSources.ts"
import { amd } from "../../src/vendors/Amd.ts"
import { nvidiaBy } from "../../src/vendors/Nvidia.ts"
import { fakeNvml } from "../fakes/nvml.ts"
import { fakePrograms } from "../fakes/programs.ts"

// Real processes: as long as a busy machine may take.
/** An nvidia-smi with two fields and a process, which says in a file that it was ended. */
const smi = (folder: string) => `
case "$1" in
  --help-query-gpu) echo '"memory.used"'; echo '"power.draw"'; exit ;;
  --query-compute-apps=*) line="GPU-8f2d, 4242, 512" ;;
  --query-gpu=uuid,memory.used,power.draw) line="GPU-8f2d, 1000, [N/A]" ;;
  *) echo "Field \\"$1\\" is not a valid field to query."; exit 2 ;;
esac
trap 'echo ended >> ${folder}/ended; exit' TERM
[ "$4" -le 1000 ] && while :; do echo "$line"; sleep 0.05; done`

const vendors = (library: string | undefined) => [nvidiaBy(() => library), amd]

layer(NodeServices.layer, { excludeTestServices: true })("DeviceSources", (it) => {
  it.effect("take the driver's library before its program", () =>
    Effect.gen(function* () {
      yield* fakePrograms({ "nvidia-smi": "exit 1", "amd-smi": "exit 2", "rocm-smi": "exit 3" })
      const opened = yield* openSources(vendors(yield* fakeNvml()))
      assert.deepStrictEqual(
        opened.sources.map(({ name }) => name),
        ["NVML"],
      )
      assert.deepStrictEqual(opened.problems, [
        "amd-smi: amd-smi ended with exit code 2",
        "rocm-smi: rocm-smi ended with exit code 3",
      ])
      assert.strictEqual(readDevices(opened).length, 2)
    }),
  )

  it.effect("keep one nvidia-smi printing where there is no library, and end it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fakePrograms({ "nvidia-smi": smi(folder), "rocm-smi": `echo '{"card0":{"GPU use (%)":"19"}}'` })
      yield* Effect.gen(function* () {
        const opened = yield* openSources(vendors(undefined))
        assert.deepStrictEqual(
          opened.sources.map(({ name }) => name),
          ["nvidia-smi", "rocm-smi"],
        )
        assert.deepStrictEqual(opened.problems, ["NVML: libnvidia-ml.so.1 is not installed", "amd-smi: not installed"])
        yield* until(() => readDevices(opened)[0]!.values.processes?.length === 1)
        const [nvidia, amd] = readDevices(opened)
        assert.deepStrictEqual(nvidia!.values, {
          usedBytes: 1000 * 2 ** 20,
          processes: [{ pid: 4242, bytes: 512 * 2 ** 20 }],
        })
        assert.strictEqual(nvidia!.absent.powerW, "nvidia-smi: [N/A]")
        assert.strictEqual(amd!.values.utilization, 0.19)
      }).pipe(Effect.scoped)
      assert.strictEqual(yield* fs.readFileString(join(folder, "ended")), "ended\nended\n")
    }),
  )

  it.effect("say of devices that fell silent that they did", () =>
    Effect.gen(function* () {
      const once =
        'case "$1" in --help*) echo \'"memory.used"\' ;; *apps*) ;; *) echo "GPU-1, 5"; sleep 1; echo "GPU is lost" >&2; exit 15 ;; esac'
      yield* fakePrograms({ "nvidia-smi": once })
      const opened = yield* openSources(vendors(undefined))
      assert.strictEqual(readDevices(opened)[0]!.values.usedBytes, 5 * 2 ** 20)
      yield* until(() => readDevices(opened)[0]!.values.usedBytes === undefined)
      assert.include(readDevices(opened)[0]!.absent.usedBytes, "nvidia-smi ended with exit code 15")
    }),
  )

  it.effect("ask amd-smi again and again, and rocm-smi only where that is missing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const smi = `
case "$*" in
  "list --json") echo '[{"gpu":0,"bdf":"0000:03:00.0","uuid":"c8ff7551-0000-1000-80ab-000000000000"}]' ;;
  "static --limit --json") echo '{"gpu_data":[{"gpu":0,"limit":{"ppt0":{"socket_power_limit":{"value":300,"unit":"W"}}}}]}' ;;
  "process --json") echo '[{"gpu":0,"process_list":[{"process_info":"No running processes detected"}]}]' ;;
  "metric --json") [ -e ${folder}/lost ] && { echo "GPU is lost" >&2; exit 5; }
    echo '{"gpu_data":[{"gpu":0,"power":{"socket_power":{"value":103,"unit":"W"}}}]}' ;;
esac`
      yield* fakePrograms({ "nvidia-smi": "exit 9", "amd-smi": smi, "rocm-smi": `echo asked > ${folder}/rocm; exit 1` })
      const opened = yield* openSources(vendors(undefined))
      assert.deepStrictEqual(
        opened.sources.map(({ name }) => name),
        ["amd-smi"],
      )
      assert.isFalse(yield* fs.exists(join(folder, "rocm")))
      const [found] = readDevices(opened)
      assert.strictEqual(String(found!.device), "AMD-c8ff7551-0000-1000-80ab-000000000000")
      assert.deepStrictEqual(found!.values, { powerW: 103, powerCapW: 300, processes: [] })
      yield* fs.writeFileString(join(folder, "lost"), "")
      yield* until(() => readDevices(opened)[0]!.values.powerW === undefined)
      assert.include(readDevices(opened)[0]!.absent.powerW, "amd-smi ended with exit code 5")
    }),
  )

  it.effect("say why there are none", () =>
    Effect.gen(function* () {
      yield* fakePrograms({ "nvidia-smi": "echo NVIDIA-SMI has failed; exit 9", "rocm-smi": "echo no cards" })
      assert.deepStrictEqual(yield* openSources(vendors(undefined)), {
        sources: [],
        problems: [
          "NVML: libnvidia-ml.so.1 is not installed",
          "nvidia-smi: nvidia-smi ended with exit code 9",
          "amd-smi: not installed",
          "rocm-smi: it lists no device",
        ],
      })
    }),
  )
})
