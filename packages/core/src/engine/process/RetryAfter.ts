/** The three forms of an HTTP-date: IMF-fixdate, that of RFC 850, and asctime's. All are in GMT. */
const FORMS = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
]

/**
 * Seconds that a server asks to wait, from the headers `Retry-After` and `Date` of its answer: a date counts from its own
 * clock where it tells that, else from `nowMs`. 0 for what is past; `undefined` where it asks for nothing that can be read.
 * Source: RFC 9110, 10.2.3 and 5.6.7; fractions of a second are read as well, since there are servers that send them.
 */
export const retryAfter = (asked: string | undefined, date: string | undefined, nowMs: number): number | undefined => {
  const text = asked ?? ""
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const at = httpDate(text)
  return at === undefined ? undefined : Math.max(0, (at - (httpDate(date ?? "") ?? nowMs)) / 1000)
}

/** Milliseconds since 1970. Other than `Date.parse` it takes no other form, and none for local time. */
const httpDate = (text: string): number | undefined => {
  if (!FORMS.some((form) => form.test(text))) return undefined
  const at = Date.parse(text.endsWith(" GMT") ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : at
}
