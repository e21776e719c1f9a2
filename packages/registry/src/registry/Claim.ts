import { type CheckedClaim, Claim, CPU, placementName, type RunRecord, scenarioName, type Witness } from "@rigbook/core"

/** Compares a claim with a model's runs; invalid ones don't count. Pure. */
export const checkClaim = (claim: Claim, records: ReadonlyArray<RunRecord>): CheckedClaim => {
  const witnesses = records
    .filter((record) => record.verdict.status !== "invalid" && isAbout(claim, record))
    .flatMap((record) => witness(claim, record))
  const state =
    witnesses.length === 0 ? "not measured" : witnesses.some(({ agrees }) => agrees) ? "borne out" : "contradicted"
  return { claim, state, witnesses }
}

const isAbout = ({ backend = "", placement = "", scenario = "" }: Claim, { cell }: RunRecord): boolean =>
  cell.backend.includes(backend) &&
  placementName(cell.placement).includes(placement) &&
  scenarioName(cell.scenario).includes(scenario)

const witness = (claim: Claim, record: RunRecord): ReadonlyArray<Witness> => {
  if ("device" in claim) {
    const { cell, effective } = record
    const reported = effective?.devices ?? []
    const devices = reported.length > 0 ? reported : cell.placement.devices
    const onCpu = devices.every((device) => device === CPU)
    return [{ record, found: { devices }, agrees: onCpu === (claim.device === "cpu") }]
  }
  const value = record.values.find(({ metric }) => metric === claim.metric)
  if (value === undefined || "absent" in value.result) return []
  const { high, low, median } = value.result.summary
  const close = Math.abs(claim.value - median) <= (claim.tolerance / 100) * Math.abs(median)
  const within = low !== undefined && high !== undefined && low <= claim.value && claim.value <= high
  return [{ record, found: { value: median, unit: value.unit }, agrees: close || within }]
}
