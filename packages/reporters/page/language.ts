/**
 * The plots' library formats numbers by the browser's language as soon as it is loaded, and ends the script where that is
 * none, such as the `C` of a system without a locale. Then it is told English; to be imported before it.
 */
const isLanguage = (tag: string): boolean => {
  try {
    return new Intl.NumberFormat(tag) instanceof Intl.NumberFormat
  } catch {
    return false
  }
}

if (!isLanguage(navigator.language)) Object.defineProperty(navigator, "language", { value: "en-US" })
