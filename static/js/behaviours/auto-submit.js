// A form that sends itself once when a person really sees the page: not while prerendered, hidden, or reached by "back".
//   <form method="post" data-behaviour="auto-submit"> <button>Open my page</button>

function cameBack() {
  return performance.getEntriesByType("navigation")[0]?.type === "back_forward";
}

export default function autoSubmit(form) {
  if (cameBack()) return;

  function tryOnce() {
    if (document.prerendering || document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tryOnce);
    document.removeEventListener("prerenderingchange", tryOnce);
    form.requestSubmit();
  }

  document.addEventListener("visibilitychange", tryOnce);
  document.addEventListener("prerenderingchange", tryOnce);
  tryOnce();
}
