// Shows what stands behind a chip when it is hovered or focused. Without this script the browser shows the same
// text by itself, from the title of the link. Follows WCAG 1.4.13: Escape closes it, and it can be pointed at.
(() => {
  "use strict";
  const card = document.createElement("div");
  card.id = "ledger-card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  let link = null;
  let timer = 0;

  function place() {
    const gap = 6;
    const at = link.getBoundingClientRect();
    const width = Math.min(360, document.documentElement.clientWidth - 16);
    card.style.width = `${width}px`;
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
    const below = at.bottom + gap + card.offsetHeight <= innerHeight || at.top < card.offsetHeight + gap;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? at.bottom + gap : at.top - gap - card.offsetHeight) + scrollY}px`;
  }

  function show(target) {
    if (target === link) return;
    hide();
    const at = target.title.lastIndexOf(" \u2014 "); // as sphinxext/domain.py joins the two
    card.replaceChildren(at < 0 ? target.title : target.title.slice(0, at));
    if (at >= 0) {
      const source = document.createElement("p");
      source.textContent = target.title.slice(at + 3);
      card.append(source);
    }
    link = target;
    link.dataset.title = link.title;
    link.removeAttribute("title"); // or the browser would show it as well
    link.setAttribute("aria-describedby", card.id);
    document.body.append(card);
    card.hidden = false;
    place();
  }

  function hide() {
    clearTimeout(timer);
    card.hidden = true;
    if (!link) return;
    link.title = link.dataset.title;
    link.removeAttribute("aria-describedby");
    link = null;
  }

  const later = (action, milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
  const chip = (event) => (event.target instanceof Element ? event.target.closest("a.ledger-link") : null);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const target = chip(event);
    if (target === link && link) clearTimeout(timer);
    else if (target && target.title) later(() => show(target), 150);
    else if (card.contains(event.target)) clearTimeout(timer);
    else if (link && document.activeElement !== link) later(hide, 200);
    else if (!link) clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const target = chip(event);
    if (target && target.title) show(target);
  });
  document.addEventListener("focusout", (event) => {
    if (chip(event) === link) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
})();
