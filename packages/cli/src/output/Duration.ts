/** An expected time: in seconds below two minutes, in minutes from there on. */
export const duration = (seconds: number): string =>
  seconds < 120 ? `about ${Math.round(seconds)} s` : `about ${Math.round(seconds / 60)} min`
