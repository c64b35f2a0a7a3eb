// The code of a badge: 15 letters and a check letter, ISO 7064 hybrid MOD 17,16. The same rule as on the server.

export const ALPHABET = "BCDFGHJKLNPRSTVX";
export const LENGTH = 16;

// Letters as a person types or a scanner sends them: any case, in groups. A look-alike is never guessed, as on the server: 8 is not taken for B.
export function normalise(text) {
  return text.normalize("NFKC").replace(/[\s\p{Pd}\p{Cf}]/gu, "").toUpperCase();
}

// The check letter of 15 letters; null where another sign is among them.
export function checkLetter(letters) {
  let p = 16;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    p = (2 * ((p + value) % 16 || 16)) % 17;
  }
  return ALPHABET[(17 - p) % 16];
}

export function isCode(text) {
  return text.length === LENGTH && checkLetter(text.slice(0, -1)) === text.at(-1);
}

// In fours, as printed on the badge.
export function grouped(code) {
  return code.match(/.{1,4}/g).join(" ");
}
