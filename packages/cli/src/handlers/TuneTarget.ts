import { type Backends, canonicalJson, complete, type Host, isServed } from "@rigbook/core"
import { type NamedConfig, readOutlines, readRecords, type Workspace } from "@rigbook/records"
import { plan } from "@rigbook/runner"
import { Effect, Predicate } from "effect"
import { dirname, join } from "node:path"
import { usageFailure } from "../Failure.ts"
import { workspaceHere } from "../Plugins.ts"
import { byBits, type Member } from "../tune/Member.ts"
import type { Mapping } from "../tune/TryConfig.ts"
import { runTargets } from "./RunTargets.ts"

/** What a word on the command line means: a family's name, a config, or a model's file. */
export const targetOf = Effect.fn("TuneTarget.targetOf")(function* <R>(
  word: string,
  backends: Backends<R>,
  host: Host,
) {
  const here = yield* workspaceHere
  const outlines = here === undefined ? [] : (yield* readOutlines(here)).outlines
  const ofFamily = outlines.filter(({ family }) => family === word)
  const { configs, workspace } =
    ofFamily.length > 0 && here !== undefined
      ? { workspace: here, configs: ofFamily.map(({ read }) => read) }
      : yield* runTargets([word])
  const [first] = yield* Effect.forEach(configs, memberOf(workspace))
  if (first === undefined) return yield* usageFailure(`No config of "${word}" can be read.`)
  const backend = backendOf(first.config)
  if (backend === undefined) return yield* usageFailure(`${first.id}: backends: name at least one backend.`)
  const family = first.config["family"]
  const others = outlines
    .filter((outline) => family !== undefined && outline.family === family && outline.planned === undefined)
    .map(({ read }) => read)
  const named = [...configs, ...others]
  const once = named.filter(({ id }, index) => named.findIndex((other) => other.id === id) === index)
  const all = yield* Effect.forEach(once, memberOf(workspace))
  const alike = all.filter((one) => backendOf(one.config) === backend && one.config["task"] === first.config["task"])
  const members = yield* readMembers(workspace, unique(alike), backends, host)
  const [target, ...rest] = ofFamily.length > 0 ? members.toSorted(byBits) : members
  if (target === undefined)
    return yield* usageFailure(`No model of "${word}" can be read. Try: rigbook plan ${first.id}`)
  return { workspace, backend: complete((yield* backends.get(backend))!), members: [target, ...rest] as const }
})

type Read = Omit<Member, "model">

const memberOf = ({ root }: Workspace) =>
  Effect.fnUntraced(function* (read: NamedConfig) {
    const { file, id, path } = read
    const [issue] = file.syntax
    if (issue !== undefined || !Predicate.isObject(file.value))
      return yield* usageFailure(`${file.file}: ${issue?.message ?? "it is not a config"}`)
    return { id, read, folder: join(root, dirname(path)), config: file.value as Mapping } satisfies Read
  })

const backendOf = ({ backends }: Mapping): string | undefined =>
  Predicate.isObject(backends) ? Object.keys(backends)[0] : undefined

/** Several configs of one file are one member. */
const unique = (all: ReadonlyArray<Read>): ReadonlyArray<Read> =>
  [...new Map(all.toReversed().map((one) => [canonicalJson(one.config["source"]), one])).values()].toReversed()

const readMembers = Effect.fnUntraced(function* <R>(
  workspace: Workspace,
  members: ReadonlyArray<Read>,
  backends: Backends<R>,
  host: Host,
) {
  const { records } = yield* readRecords(workspace.raw)
  const { cells, issues, missing } = yield* plan(
    workspace,
    members.map(({ read }) => read),
    backends,
    host,
    { reach: "here", records },
  )
  const known = members.flatMap((member): ReadonlyArray<Member> => {
    const cell = cells.find((candidate) => candidate.config.id === member.id)
    return cell === undefined || isServed(cell.model) ? [] : [{ ...member, model: cell.model }]
  })
  if (known.length === 0 && issues.length + missing.length > 0)
    return yield* usageFailure([...issues, ...missing].map(({ file, message }) => `${file}: ${message}`).join("\n"))
  return known
})
