import type { PlannedEstimate } from "@rigbook/core"

/** A processor beside GPUs is not what a model is short of. */
export const mainDevices = ({ devices }: PlannedEstimate): PlannedEstimate["devices"] => {
  const others = devices.filter(({ device }) => device !== "cpu")
  return others.length === 0 ? devices : others
}
