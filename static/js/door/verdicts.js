// How each result sounds, buzzes and how long it stays. Frequencies in Hz, times in ms; stays null: until tapped.

export const VERDICTS = {
  ok: { tones: [880, 1320], length: 60, loud: 0.3, buzz: [40], stays: 1200 },
  again: { tones: [660, 660], length: 90, loud: 0.3, buzz: [40, 40, 40], stays: 3000 },
  attention: { tones: [660, 520], length: 120, loud: 0.3, buzz: [120], stays: null },
  refused: { tones: [220], length: 350, loud: 0.4, buzz: [300], stays: null },
  held: { tones: [520], length: 120, loud: 0.1, buzz: [40], stays: 1500 },
};

export function verdictFor(result) {
  return VERDICTS[result] ?? VERDICTS.attention;
}
