import { BadModel, Crashed, OutOfMemory, type Reason, Refused, Unsupported } from "@rigbook/core"

const LESS_MEMORY = "Lower context or parallel, keep the KV cache in q8_0, or take a smaller quantization."

/** What a line of the log means. The first rule that any line meets decides, so causes stand before effects. */
const RULES: ReadonlyArray<readonly [pattern: RegExp, reason: (match: RegExpExecArray) => Reason]> = [
  [
    /version [`'](GLIBC\w*_[\d.]+)' not found/,
    ([, version]) =>
      new Unsupported({
        detail: `This llama-server needs ${version}, which this system does not have.`,
        fix: "Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one here.",
      }),
  ],
  [
    /couldn't bind HTTP server socket.*port: (\d+)/,
    ([, port]) =>
      new Refused({
        detail: `Port ${port} is taken by another program.`,
        fix: "End that program, or leave `port` out of backends.llamacpp so that a free one is found.",
      }),
  ],
  [
    /argument "(?:-dev|--device)": (.+)/,
    ([, why]) =>
      new Unsupported({
        detail: `llama-server can't use the device: ${why}.`,
        fix: "See what it finds with `llama-server --list-devices`, or place the model on cpu.",
      }),
  ],
  [
    /error: invalid argument: (\S+)/,
    ([, flag]) =>
      new Refused({
        detail: `This llama-server does not know the argument ${flag}.`,
        fix: "It is too old or too new: name another as `binary`, or leave that out and run `rigbook setup llamacpp`.",
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
        detail: `llama-server got no memory: ${bare(input)}.`,
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
        detail: `The file ends before its tensor ${tensor} does.`,
        fix: "Fetch the file again: it was probably cut off on its way.",
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
        fix: "A newer llama-server may know this kind; else convert or fetch the model anew.",
      }),
  ],
]

/** A line without its time stamp and level. */
const bare = (line: string): string => line.replace(/^[\d.]+ [A-Z] +/, "").trim()

/**
 * Why llama-server ended, from its exit code (128 + the signal's number for a signal), its log, and, where that does not
 * tell, from what others know of a `shortage` of memory. Pure.
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
    detail: `llama-server ${howItEnded(exitCode)}${last === undefined ? "" : `; its last words: ${bare(last)}`}.`,
    fix:
      exitCode === 128 + 9
        ? "Look into `dmesg`: the system may have ended it for want of memory."
        : "Read the engine's log. Run the cell again; if it ends again, try another build as `binary`.",
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
