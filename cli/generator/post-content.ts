/**
 * What a generated post says and shows: a stretch of filler text, and now and then media.
 */
import type { GeneratedMedia } from './generated-event.ts';
import type { Random } from './random.ts';

const filler =
  'the kettle is on and the train is late again, so here are three notes about café doors, ' +
  'a photo of rain, 東京 at night, and a question nobody asked: why do clocks in stations agree ' +
  'while clocks in kitchens never do? answers on a postcard please, or simply reply below. ' +
  'meanwhile the cat has found the warm laptop, the bread has risen, and the neighbours play Bach.';
const textLengthMin = 12;
const textLengthMax = 140;

const photoShare = 0.12;
const gifShare = 0.01;
const videoShare = 0.1;
const severalMediaShare = 0.01;
const shortVideoShare = 0.3;
const edgeVideoShare = 0.05;
/** Rule T3's line: a video counts from here on. */
const edgeDurationMs = 5_000;
const longestVideoMs = 140_000;

const nothing: readonly GeneratedMedia[] = [];
const onePhoto: readonly GeneratedMedia[] = [{ kind: 'photo', durationMs: null }];
const oneGif: readonly GeneratedMedia[] = [{ kind: 'gif', durationMs: null }];

export function generateText(random: Random): string {
  const length = random.between(textLengthMin, textLengthMax);
  const start = random.below(filler.length - length);
  return filler.slice(start, start + length);
}

/** Mostly nothing; photos; a video on either side of the line, or exactly at it; several at once. */
export function generateMedia(random: Random): readonly GeneratedMedia[] {
  let draw = random.fraction();
  if ((draw -= videoShare) < 0) return [generateVideo(random)];
  if ((draw -= photoShare) < 0) return onePhoto;
  if ((draw -= gifShare) < 0) return oneGif;
  if ((draw -= severalMediaShare) < 0) return [generateVideo(random), ...onePhoto];
  return nothing;
}

function generateVideo(random: Random): GeneratedMedia {
  const draw = random.fraction();
  if (draw < edgeVideoShare) {
    return { kind: 'video', durationMs: edgeDurationMs - random.below(2) };
  }
  return draw < edgeVideoShare + shortVideoShare
    ? { kind: 'video', durationMs: random.below(edgeDurationMs) }
    : { kind: 'video', durationMs: random.between(edgeDurationMs, longestVideoMs) };
}
