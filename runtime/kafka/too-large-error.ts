/** What zlib throws when its output passes `maxOutputLength`, for the codecs that are not zlib's. */
export function tooLargeError(bytesMax: number): Error {
  return Object.assign(new RangeError(`more than ${bytesMax} bytes`), { code: tooLargeCode });
}

const tooLargeCode = 'ERR_BUFFER_TOO_LARGE';

export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === tooLargeCode;
}
