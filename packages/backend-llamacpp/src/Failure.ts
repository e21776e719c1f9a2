import { BadModel, Crashed, OutOfMemory, type Reason, Refused, Unsupported } from "@rigbook/core"

const LESS_MEMORY = "Lower context or parallel, set kvCache to q8_0, or use a smaller quantization."

/** What a line of the log means. The first rule that matches any line decides, so causes come before effects. */
const RULES: ReadonlyArray<readonly [pattern: RegExp, reason: (match: RegExpExecArray) => Reason]> = [
  [
    /version [`'](GLIBC\w*_[\d.]+)' not found/,
    ([, version]) =>
      new Unsupported({
        detail: `This llama-server needs ${version}, which this system does not provide.`,
        fix: "Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one here.",
      }),
  ],
  [
    /couldn't bind HTTP server socket.*port: (\d+)/,
    ([, port]) =>
      new Refused({
        detail: `Port ${port} is in use by another program.`,
        fix: "End that program, or remove `port` from backends.llamacpp to use a free one.",
      }),
  ],
  [
    /argument "(?:-dev|--device)": (.+)/,
    ([, why]) =>
      new Unsupported({
        detail: `llama-server can't use the device: ${why}.`,
        fix: "List its devices with `llama-server --list-devices`, or place the model on cpu.",
      }),
  ],
  [
    /error: invalid argument: (\S+)/,
    ([, flag]) =>
      new Refused({
        detail: `This llama-server does not know the argument ${flag}.`,
        fix: "It is too old or too new: name another as `binary`, or remove that option and run `rigbook setup llamacpp`.",
      }),
  ],
  [
    /error while handling argument "(.+?)": (.+)/,
    ([, flag, why]) =>
      new Refused({
        detail: `llama-server refuses the argument ${flag}: ${why}.`,
        fix: "Change the option of backends.llamacpp that sets it.",
      }),
  ],
  [
    /^(?!.*pinned).*(?:insufficient memory|out of memory|failed to allocate|unable to allocate|allocation of size \d+ failed|ErrorOutOf(?:Device|Host)Memory|bad_alloc)/i,
    ({ input }) =>
      new OutOfMemory({
        detail: `llama-server could not allocate memory: ${bare(input)}.`,
        fix: LESS_MEMORY,
      }),
  ],
  [
    /failed to open GGUF file '(.+)' \((.+)\)/,
    ([, file, why]) =>
      new BadModel({
        detail: `llama-server can't open ${file}: ${why}.`,
        fix: "Check the path in the config's source, and the file's permissions.",
      }),
  ],
  [
    /invalid magic characters/,
    () =>
      new BadModel({
        detail: "The file is not a GGUF file.",
        fix: "Name a file in the GGUF format, or convert the model to it.",
      }),
  ],
  [
    /tensor '(.+)' data is not within the file bounds/,
    ([, tensor]) =>
      new BadModel({
        detail: `The file ends before the end of its tensor ${tensor}.`,
        fix: "Download the file again: it is probably incomplete.",
      }),
  ],
  [
    /(device \S+ does not support split buffers)/,
    ([, why]) => new Unsupported({ detail: `${why}.`, fix: "Place the model on one device." }),
  ],
  [
    /error loading model: (.+)/,
    ([, why]) =>
      new BadModel({
        detail: `llama-server can't load the model: ${why}.`,
        fix: "A newer llama-server may support this kind; else convert or download the model again.",
      }),
  ],
]

/** A line without its timestamp and level. */
const bare = (line: string): string => line.replace(/^[\d.]+ [A-Z] +/, "").trim()

/**
 * Why llama-server ended, from its exit code (128 + the signal's number for a signal), its log, and, if that does not
 * say, from a `shortage` of memory known from elsewhere. Pure.
 */
export const failureOf = (exitCode: number, log: ReadonlyArray<string>, shortage?: string): Reason => {
  for (const [pattern, reason] of RULES)
    for (const line of log) {
      const match = pattern.exec(line)
      if (match !== null) return reason(match)
    }
  if (shortage !== undefined)
    return new OutOfMemory({ detail: `llama-server ${howItEnded(exitCode)}: ${shortage}.`, fix: LESS_MEMORY })
  return exitCode === 128 + 4 ? illegalInstruction : crashed(exitCode, log)
}

/** The program was built for a newer processor than this one. */
export const illegalInstruction: Reason = new Unsupported({
  detail: "This llama-server uses instructions that this machine's processor does not have.",
  fix: "Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one for this processor.",
})

const crashed = (exitCode: number, log: ReadonlyArray<string>): Reason => {
  const last = log.findLast((line) => line.trim() !== "")
  return new Crashed({
    detail: `llama-server ${howItEnded(exitCode)}${last === undefined ? "" : `; its last line: ${bare(last)}`}.`,
    fix:
      exitCode === 128 + 9
        ? "Check `dmesg`: the system may have killed it because memory ran out."
        : "Read the engine's log. Run the cell again; if it fails again, try another build as `binary`.",
    exitCode,
  })
}

const howItEnded = (exitCode: number): string =>
  exitCode > 128
    ? `was ended by ${SIGNALS[exitCode - 128] ?? `signal ${exitCode - 128}`}`
    : `ended with exit code ${exitCode}`

const SIGNALS: Readonly<Record<number, string>> = {
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
}
