/** Proxies would redirect our own requests to loopback; the others change engines unnoticed. */
const ALWAYS = /^(https?_proxy|all_proxy|no_proxy|LD_PRELOAD|PYTHONPATH|PYTHONSTARTUP|GUARD_GRACE)$/i

/** Names that hold secrets: an engine that runs a local model needs none of them. */
const SECRET = /(TOKEN(?!IZ)|SECRET|PASSWORD|API_?KEY|CREDENTIAL)/i

/**
 * The environment for an engine: ours, without secrets and without variables of the engine's own prefixes
 * (such as `LLAMA_ARG_`), which would change a run silently; then `set`.
 */
export const scrubbedEnvironment = (
  prefixes: ReadonlyArray<string>,
  set: Readonly<Record<string, string>> = {},
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => {
  const kept = Object.entries(from).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !ALWAYS.test(entry[0]) &&
      !SECRET.test(entry[0]) &&
      !prefixes.some((prefix) => entry[0].startsWith(prefix)),
  )
  return { ...Object.fromEntries(kept), ...set }
}
