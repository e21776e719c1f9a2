/**
 * The plots' library formats numbers by the browser's language as soon as it is loaded, and ends the script if that is
 * invalid, such as the `C` of a system without a locale. Then this sets English; import it before the library.
 */
const isLanguage = (tag: string): boolean => {
  try {
    return new Intl.NumberFormat(tag) instanceof Intl.NumberFormat
  } catch {
    return false
  }
}

if (!isLanguage(navigator.language)) Object.defineProperty(navigator, "language", { value: "en-US" })
