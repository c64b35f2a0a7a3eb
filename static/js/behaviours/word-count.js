// Counts the words of a text while it is typed, as the server does (eventreg/core/text.py, count_words).
//   <div data-behaviour="word-count" data-limit="300"> <textarea> … <p class="count"><span data-count>12</span> / 300 words</p>

const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const SIGN = /[\p{L}\p{N}]/u;

export function countWords(text) {
  return text.split(BLANKS).filter((part) => SIGN.test(part)).length;
}

export default function wordCount(element) {
  const field = element.querySelector("textarea, input[type=text]");
  const shown = element.querySelector("[data-count]");
  const limit = Number(element.dataset.limit);

  function count() {
    const words = countWords(field.value);
    shown.textContent = words;
    shown.parentElement.toggleAttribute("data-over", words > limit);
  }

  field.addEventListener("input", count);
  count();
}
