import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { leaksIn, problemsOf } from "./Checks.ts"
import type { CommandResult } from "./CommandResult.ts"
import type { AnyKind, Testbed, Invariant, Violation } from "./Fault.ts"
import { inProcess } from "./InProcess.ts"
import { trialsIn } from "./Journal.ts"
import { makeFaultyServer } from "./FaultyServer.ts"
import { program, type Way } from "./Program.ts"
import { SECRETS, TOKEN_VARIABLE } from "./Secrets.ts"
import { makeFolders, recordOf, removeReports } from "./Workspaces.ts"

/** What injecting a fault has shown. */
export interface Injected {
  readonly violations: ReadonlyArray<Violation>
  /** Commands that were carried out by the program itself. */
  readonly programs: number
}

const RAW = "benchmarks/results/raw"

/** What all faults share: a measured workspace to copy, servers, and a process that carries commands out. */
export const makeTestbed = async (way: Way) => {
  const folders = makeFolders()
  const [faulty, honest] = [await makeFaultyServer(), await makeFaultyServer()]
  const env = { RIGBOOK_CACHE: folders.cache, [TOKEN_VARIABLE]: SECRETS.token, NO_COLOR: "1" }
  const worker = inProcess(env)
  folders.writeBase(honest.url)
  for (const args of [["run"], ["verify"]]) {
    const { code, stderr, stdout } = await worker.command(folders.base, args)
    if (code !== 0) throw new Error(`The campaign's workspace can't be measured: ${stdout}${stderr}`)
  }
  const began = readdirSync(join(folders.base, RAW))

  const inject = async (kind: AnyKind, fault: unknown): Promise<Injected> => {
    const root = folders.copy()
    const violations: Array<Violation> = []
    let programs = 0
    const violated = (invariant: Invariant, detail: string): void =>
      void violations.push({ invariant, detail: detail.replaceAll(root, "WORKSPACE") })
    const checked = (ended: CommandResult, args: ReadonlyArray<string>): CommandResult => {
      for (const { detail, invariant } of problemsOf(ended, args)) violated(invariant, detail)
      for (const path of defects()) violated("no-trace", `rigbook ${args.join(" ")}: ${path}`)
      return ended
    }
    const command: Testbed["command"] = async (args, { jumps } = {}) =>
      checked(await worker.command(root, args, jumps), args)
    const newRecords = (): ReadonlyArray<string> =>
      readdirSync(join(root, RAW))
        .filter((name) => !began.includes(name))
        .toSorted()
        .map((name) => join(root, RAW, name))
    const testbed: Testbed = {
      root,
      url: honest.url,
      faulty,
      command,
      program: async (args, options = {}) => {
        programs++
        const own = { ...env, ...options.env, CAMPAIGN_FAULT: root }
        return checked(await program(way, root, args, { ...options, env: own }), args)
      },
      check: (except = []) => {
        for (const { detail, invariant } of leaksIn(root, (path) => except.includes(path))) violated(invariant, detail)
      },
      newRecords,
      removeNewRecords: async () => {
        for (const folder of newRecords()) {
          rmSync(folder, { recursive: true })
          removeReports(root, basename(folder))
        }
        await command(["registry"])
      },
      settled: async (configs) => {
        const { code, stderr } = await command(["run"])
        if (code !== 0) violated("usable", `run: exit ${code}: ${stderr.slice(-300)}`)
        for (const config of configs) checkTrials(root, config, violated)
      },
      violated,
    }
    await kind.inject(fault, testbed)
    const { code, stderr, stdout } = await command(["verify"])
    if (code !== 0) violated("usable", `verify: exit ${code}: ${findings(stdout) || stderr.slice(-300)}`)
    if (violations.length === 0 || process.env["CAMPAIGN_KEEP"] === undefined)
      rmSync(root, { recursive: true, maxRetries: 5 })
    return { violations, programs }
  }

  /** Files about unexpected errors that were written since this was last called. */
  const defects = (): ReadonlyArray<string> => {
    const folder = join(folders.cache, "defects")
    if (!existsSync(folder)) return []
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8").slice(0, 1500))
    rmSync(folder, { recursive: true })
    return texts
  }

  const close = async (): Promise<void> => {
    await worker.stop()
    faulty.close()
    honest.close()
    folders.remove()
  }
  return { inject, close }
}
export type CampaignTestbed = Awaited<ReturnType<typeof makeTestbed>>

/** The record of a config is there, and has every trial once. */
const checkTrials = (root: string, config: string, violated: Testbed["violated"]): void => {
  const folder = join(root, recordOf(root, config))
  if (!existsSync(join(folder, "record.json"))) return violated("usable", `${config} has no record`)
  const trials = trialsIn(readFileSync(join(folder, "samples.ndjson"), "utf8"))
  if (trials.some((trial, at) => trial !== at))
    violated("no-lost-trial", `${config} has the trials ${trials.join(", ")}`)
}

/** What verify found, without what it could not check. */
const findings = (stdout: string): string =>
  stdout
    .split("\n")
    .filter((line) => !line.startsWith("not checked"))
    .join("\n")
    .slice(0, 500)
