import { BadModel, Crashed, NotInstalled, OutOfMemory, type Reason, Refused, Unsupported } from "@rigbook/core"
import { KILLED, UNKNOWN, workerDeath } from "./WorkerDeath.ts"

const SETUP = "Run `rigbook setup vllm`, or name a complete vLLM as `vllm` in backends.vllm."

const LESS_MEMORY = "Lower `maxModelLen` or `maxSequences`, or use a smaller quantization or more GPUs."

/** What a line of the log means. The first rule that matches any line decides, so causes come before effects. */
const RULES: ReadonlyArray<readonly [pattern: RegExp, reason: (match: RegExpExecArray) => Reason]> = [
  [
    /PackageNotFoundError: No package metadata was found for vllm/,
    () =>
      new NotInstalled({ detail: "This vLLM is missing the package metadata that its own program needs.", fix: SETUP }),
  ],
  [
    /operator torchvision::nms does not exist/,
    () => new NotInstalled({ detail: "This vLLM has torch and torchvision of different builds.", fix: SETUP }),
  ],
  [
    /ModuleNotFoundError: (.+)/,
    ([, why]) => new NotInstalled({ detail: `This vLLM is incomplete: ${why}.`, fix: SETUP }),
  ],
  [
    /error: unrecognized arguments: (.+)/,
    ([, flags]) =>
      new Refused({
        detail: `This vLLM does not know the arguments ${flags}.`,
        fix: "It is too old or too new: remove `vllm` from backends.vllm and run `rigbook setup vllm`.",
      }),
  ],
  [
    /error: argument (\S+): (.+)/,
    ([, flag, why]) =>
      new Refused({
        detail: `vLLM refuses the argument ${flag}: ${why}.`,
        fix: "Change the option of backends.vllm that sets it.",
      }),
  ],
  [
    /OSError: \[Errno 98\] Address already in use/,
    () =>
      new Refused({
        detail: "The port is in use by another program.",
        fix: "End that program, or remove `port` from backends.vllm to use a free one.",
      }),
  ],
  [
    /HFValidationError: .*: '(.+)'|OSError: (.+) is not a local folder|Can't load the configuration of '(.+)'/,
    ([, ...names]) => noModel(names.find((name) => name !== undefined) ?? "the model"),
  ],
  [/LocalEntryNotFoundError/, () => noModel("the model")],
  [
    /(User-specified max_model_len \(\d+\) is greater than the derived max_model_len \(.*?\))/,
    ([, why]) => new Refused({ detail: `${why}.`, fix: "Lower `maxModelLen` in backends.vllm, or remove it." }),
  ],
  [
    /(Total number of attention heads \(\d+\) must be divisible by tensor parallel size \(\d+\))/,
    ([, why]) => new Unsupported({ detail: `${why}.`, fix: "Split it over another number, or by another strategy." }),
  ],
  [
    /(Not enough allowed NUMA nodes to bind threads of \d+ local CPUWorkers)/,
    ([, why]) =>
      new Unsupported({ detail: `${why}.`, fix: "Name the cores of each process as `threads`, such as 0-3|4-7." }),
  ],
  [
    /(Unsupported CPU attention configuration: .+|Failed to infer device type.*)/,
    ([, why]) => new Unsupported({ detail: `${why}.`, fix: "Run this model on another backend or device." }),
  ],
  [
    /(Failed to find a kernel that can implement .+?\.|_C::\w+\(\) expected at most 0 argument|\S+ quantization is (?:currently )?not supported .+?\.|The quantization method \S+ is not supported .+?\.)/,
    ([, why]) =>
      new Unsupported({
        detail: `This vLLM has no kernel for the quantized weights on this device: ${why!.replace(/\.$/, "")}.`,
        fix: "Run them on a GPU, or use other weights: on the processor AWQ, GPTQ and compressed-tensors in int4 and int8 run.",
      }),
  ],
  [
    /Unknown quantization method: ([\w-]+)/,
    ([, method]) =>
      new Unsupported({
        detail: `This vLLM does not read weights that are quantized by ${method}.`,
        fix: "Use other weights: on the processor AWQ, GPTQ and compressed-tensors in int4 and int8 run.",
      }),
  ],
  [
    /Model architectures (\[.+?\]) are not supported/,
    ([, names]) =>
      new Unsupported({
        detail: `vLLM does not support the architecture ${names}.`,
        fix: "Use another backend for it.",
      }),
  ],
  [
    /(Available memory on node .* is less than requested memory for kv \([^)]*\)|Free memory on device .* is less than desired GPU memory utilization \([^)]*\)|.*larger than the available KV cache memory \([^)]*\)|No available memory for the cache blocks)/,
    ([, why]) =>
      new OutOfMemory({
        detail: `vLLM could not allocate its KV cache: ${bare(why!)}.`,
        fix: "Change `kvCacheBytes` or `gpuMemoryUtilization`, lower `maxModelLen`, or end other programs.",
      }),
  ],
  [
    /((?:torch\.)?(?:cuda\.)?OutOfMemoryError: .+|CUDA out of memory.+|DefaultCPUAllocator: can't allocate memory.*|^MemoryError.*)/,
    ([, why]) => new OutOfMemory({ detail: `vLLM could not allocate memory: ${bare(why!)}.`, fix: LESS_MEMORY }),
  ],
  [
    /((?:SafetensorError|HeaderTooLarge|MetadataIncompleteBuffer).*|Cannot find any model weights.*|JSONDecodeError: .*)/,
    ([, why]) => new BadModel({ detail: `vLLM can't read the model: ${why}.`, fix: "Download the model again." }),
  ],
]

const noModel = (name: string): Reason =>
  new BadModel({
    detail: `vLLM finds no model at ${name}.`,
    fix: "Name a folder with config.json, a tokenizer and *.safetensors in the config's source.",
  })

/** A line without the process, level and place that vLLM's logger puts before it. */
const bare = (line: string): string =>
  line
    .replace(/^\([^)]*pid=\d+\) /, "")
    .replace(/^[A-Z]+ [\d-]+ [\d:]+ \[[^\]]*\] /, "")
    .trim()

/** A `shortage` of memory that the kernel reported, after which vLLM ended as `how` says. */
export const shortOfMemory = (how: string, shortage: string): Reason =>
  new OutOfMemory({ detail: `vLLM${how}: ${shortage}.`, fix: LESS_MEMORY })

/** The processes of vLLM that name themselves in its log. Pure. */
export const pidsIn = (log: ReadonlyArray<string>): ReadonlyArray<number> => [
  ...new Set(log.flatMap((line) => /^\(\w+ pid=(\d+)\)/.exec(line)?.[1] ?? []).map(Number)),
]

/** How the first process ended: a worker, or the server itself. Pure. */
export const firstExitCode = (exitCode: number, log: ReadonlyArray<string>): number =>
  workerDeath(log)?.exitCode ?? exitCode

/**
 * Why vLLM ended, from its exit code (128 + the signal's number for a signal), its log, and, if that does not say, from
 * a `shortage` of memory that the kernel reported. Pure. The code says little: a server whose worker was killed ends
 * with 0, and the last lines mostly point to an earlier cause.
 */
export const failureOf = (exitCode: number, log: ReadonlyArray<string>, shortage?: string): Reason => {
  for (const [pattern, reason] of RULES)
    for (const line of log) {
      const match = pattern.exec(line)
      if (match !== null) return reason(match)
    }
  const died = workerDeath(log)
  const how =
    died?.how ??
    (exitCode > 128 ? ` was ended by signal ${exitCode - 128}` : ` ended with exit code ${exitCode}${causeIn(log)}`)
  if (shortage !== undefined) return shortOfMemory(how, shortage)
  const fix = died?.fix ?? (exitCode === 128 + 9 ? KILLED : UNKNOWN)
  return new Crashed({ detail: `vLLM${how}.`, fix, exitCode })
}

/**
 * The first error that names a Python exception: later ones are its consequences. pydantic says only in a later line what
 * was wrong.
 */
const causeIn = (log: ReadonlyArray<string>): string => {
  const lines = log.map(bare)
  const at = lines.findIndex((line) => /^[\w.]*(?:Error|Exception)\b.*: ./.test(line))
  const inner = /validation errors? for/.test(lines[at] ?? "")
    ? lines.slice(at).find((line) => line.startsWith("Value error, "))
    : undefined
  const first = inner?.replace("Value error, ", "").replace(/ \[type=.*/, "") ?? lines[at]
  const said = first ?? log.findLast((line) => line.trim() !== "")
  return said === undefined ? "" : `; ${first === undefined ? "its last line" : "the cause"}: ${bare(said)}`
}
