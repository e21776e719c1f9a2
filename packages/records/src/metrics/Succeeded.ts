import { absent, type RequestSample, type Sample } from "@rigbook/core"

export const NONE_SUCCEEDED = absent("no request succeeded")

/** The requests of a trial that count: metrics leave failed ones out. */
export const succeeded = ({ requests }: Sample): ReadonlyArray<RequestSample> =>
  requests.filter(({ outcome }) => outcome === "ok")
