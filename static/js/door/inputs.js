// Where scans come from: the hand-held scanner, the camera's "scan:code", the typed form, "let in" with a reason.

import { isCode, normalise } from "./token.js";
import { TypedInto } from "./typed.js";
import { Wedge } from "./wedge.js";

export function listen({ root, screen, take }) {
  const typed = new TypedInto();
  const wedge = new Wedge({
    onStart: () => typed.remember(),
    onCode: (code) => { typed.putBack(); take(code, "wedge"); },
  });
  document.addEventListener("keydown", (event) => wedge.key(event));
  root.addEventListener("scan:code", (event) => take(event.detail.text, event.detail.source));

  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.act === "force" && screen.of) {
      event.preventDefault();
      const reason = new FormData(form).get("reason");
      take(screen.of.code, screen.of.source, { force: true, reason });
    } else if (form.dataset.act === "typed") {
      const text = form.elements.code.value;
      // what is no code is for the server, which knows why; unless it can't be reached
      if (!isCode(normalise(text)) && navigator.onLine) return;
      event.preventDefault();
      take(text, "typed");
      form.reset();
    }
  });
}
