/** The three forms of an HTTP-date: IMF-fixdate, that of RFC 850, and asctime's. All are in GMT. */
const FORMS = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
]

/**
 * Seconds that a server wants clients to wait, from the headers `Retry-After` and `Date`: a date is relative to its own
 * clock if it sends that, else to `nowMs`. 0 for a past time; `undefined` if it sends nothing that can be read.
 * Source: RFC 9110, 10.2.3 and 5.6.7; fractions of a second are read as well, since some servers send them.
 */
export const retryAfter = (
  requested: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | undefined => {
  const text = requested ?? ""
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const at = httpDate(text)
  return at === undefined ? undefined : Math.max(0, (at - (httpDate(date ?? "") ?? nowMs)) / 1000)
}

/** Milliseconds since 1970. Unlike `Date.parse` it accepts no other form, and none in local time. */
const httpDate = (text: string): number | undefined => {
  if (!FORMS.some((form) => form.test(text))) return undefined
  const at = Date.parse(text.endsWith(" GMT") ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : at
}
