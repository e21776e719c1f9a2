/** A plot that lies beside REGISTRY.md, light or dark as the reader's page is. `alt` is ours, with nothing to escape. */
export const picture = (name: string, alt: string): string =>
  `<picture><source media="(prefers-color-scheme: dark)" srcset="${PLOTS}/${name}-dark.svg">` +
  `<img src="${PLOTS}/${name}-light.svg" width="820" alt="${alt}"></picture>`

/** The folder of plots, beside REGISTRY.md. */
export const PLOTS = "plots"
