import { DeviceId } from "@rigbook/core"

/**
 * What AMD's runtime calls a GPU: `GPU-` and its serial number in 16 digits, as rocminfo prints it. `undefined` for one
 * that has no number.
 */
export const amdId = (serial: unknown): DeviceId | undefined => {
  const digits = typeof serial === "string" ? /^0x([0-9a-f]+)$/i.exec(serial)?.[1] : undefined
  if (digits === undefined || /^0+$/.test(digits)) return undefined
  return DeviceId.make(`GPU-${digits.toLowerCase().padStart(16, "0")}`)
}

/** Whether a name is such a number: one by which AMD's runtime finds the GPU. */
export const isUuid = (id: string): boolean => /^GPU-[0-9a-f]{16}$/.test(id)
