import type { MetricComparison } from "@rigbook/registry"
import { figure, significant } from "../format.ts"

/** A change for people, as a share where it can be one: `+5.2 %`, `+5.2 % (+3.1 to +7.4)`. */
export const changeText = ({ change, shift, unit }: MetricComparison): string => {
  const [of, show] =
    change === undefined
      ? [shift, (value: number) => figure(value, unit)]
      : [change, (value: number) => significant(100 * value, 2)]
  const signed = (value: number): string => `${value > 0 ? "+" : ""}${show(value)}`
  const sign = change === undefined ? "" : " %"
  const interval = of.low === undefined || of.high === undefined ? "" : ` (${signed(of.low)} to ${signed(of.high)})`
  return `${signed(of.estimate)}${sign}${interval}`
}

/** A probability `p`, from 0 to 1: `0.0003`, or `< 0.0001`. */
export const pText = (p: number): string => (p < 1e-4 ? "< 0.0001" : significant(p, 2))
