import { Host, RunRecord } from "@rigbook/core"

/**
 * Where the records of a host come from: the name of a registry that was pulled; `undefined` for this workspace's own.
 * In memory, the fingerprint of a pulled record's host begins with it (`alice/f9c5962291c7`), so that nothing takes two
 * machines for one because they are alike, or because a stranger's record says so. Pure.
 */
export const originOfHost = ({ fingerprint }: { readonly fingerprint: string }): string | undefined => {
  const end = fingerprint.indexOf("/")
  const origin = fingerprint.slice(0, Math.max(0, end))
  return isOrigin(origin) ? origin : undefined
}

/** Whether a registry that is pulled can have this name: it is the name of a folder, and part of paths. Pure. */
export const isOrigin = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)

/** A record that was pulled from `origin`: the same, of a host of that origin. Pure. */
export const fromOrigin = (record: RunRecord, origin: string): RunRecord => {
  const { cell } = record
  const { cpu, devices, fingerprint, kernel, memoryBytes, os } = cell.host
  const host = new Host({ cpu, devices, fingerprint: `${origin}/${fingerprint}`, kernel, memoryBytes, os })
  return new RunRecord(Object.assign({}, record, { cell: { ...cell, host } }))
}
