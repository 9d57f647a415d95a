// Fetches what only serves a reader who acts (tooltips, the download menu, buttons that copy code) at the first sign of
// one: a pointer, a key, a touch, the wheel. The page is whole before. polish.py says which scripts, in their order.
(() => {
  "use strict";
  const { src, dataset } = document.currentScript;
  const signs = ["pointermove", "pointerdown", "keydown", "focusin", "touchstart", "wheel"];
  let fetched = null;

  const script = (place) => new Promise((done) => {
    const element = document.createElement("script");
    element.async = false; // in their order
    element.src = new URL(place, src);
    element.onload = element.onerror = done;
    document.head.append(element);
  });

  function wake() {
    if (fetched) return;
    for (const sign of signs) removeEventListener(sign, wake, true);
    fetched = Promise.all(dataset.scripts.split(" ").map(script)).then(() => {
      fetched.done = true;
      // A pointer or the focus came before the scripts: tell them where it is.
      const control = "[data-bs-toggle]";
      const pointed = [...document.querySelectorAll(`${control}:hover`)].pop();
      if (pointed) pointed.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      const focused = document.activeElement?.closest(control);
      if (focused?.matches(":focus-visible")) focused.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
      document.documentElement.dataset.awake = "";
    });
  }

  // A click on a menu that cannot open yet is done again when it can.
  addEventListener("click", (event) => {
    if (fetched?.done) return;
    const menu = event.target instanceof Element && event.target.closest('[data-bs-toggle="dropdown"]');
    if (!menu) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wake();
    fetched.then(() => menu.click());
  }, true);
  for (const sign of signs) addEventListener(sign, wake, { capture: true, passive: true });
})();
