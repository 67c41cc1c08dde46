/**
 * Sentences of conditions: bounded, and always in the same order.
 */

/** At most so many characters. */
export function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

/** One word as Kubernetes wants reasons: letters and digits, beginning with a letter. */
export function toReason(word: string): string {
  const letters = word.replaceAll(/[^A-Za-z0-9]/g, '').replace(/^[0-9]+/, '');
  return letters === '' ? 'Unknown' : letters.slice(0, 64);
}

/** `1 pod`, `3 pods`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
