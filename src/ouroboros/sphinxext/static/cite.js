/* References: a copy button for each, and on pages of the book a dialog instead of a change of page.
   Without this script, and over file://, the same links open the same references as a page. */
(() => {
  "use strict";

  function addButtons(place) {
    for (const block of place.querySelectorAll("pre[data-format]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cite-copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${block.dataset.format}`);
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(block.textContent);
          button.textContent = "Copied";
        } catch {
          // Without permission: select the text, so that one keystroke copies it.
          getSelection().selectAllChildren(block);
          button.textContent = "Selected";
        }
      });
      block.before(button);
    }
  }

  // A site without an address of its own prints addresses relative to its top; the browser knows the rest.
  function completeAddresses(reference, page) {
    const link = reference.querySelector(".cite-permalink a");
    if (!link || !page.startsWith("http")) return;
    const printed = link.textContent;
    const whole = new URL(link.getAttribute("href"), page).href;
    link.href = whole;
    if (/^https?:/.test(printed)) return;
    for (const block of reference.querySelectorAll("pre[data-format]")) {
      block.textContent = block.textContent.replaceAll(printed, whole);
    }
    link.textContent = whole;
  }

  for (const reference of document.querySelectorAll(".reference")) {
    completeAddresses(reference, location.href);
  }
  addButtons(document);

  let dialog = null;
  function makeDialog() {
    dialog = document.createElement("dialog");
    dialog.className = "cite-dialog";
    dialog.setAttribute("aria-labelledby", "cite-dialog-title");
    // A click on the backdrop, which belongs to the dialog itself, closes it as Escape does.
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
  }

  function show(reference, address) {
    if (!dialog) makeDialog();
    const title = document.createElement("h2");
    title.id = "cite-dialog-title";
    title.textContent = reference.dataset.title;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "cite-close";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    const page = document.createElement("a");
    page.href = address;
    page.textContent = "Open as a page";
    const content = document.importNode(reference, true);
    content.removeAttribute("id");
    content.querySelector(".cite-heading")?.remove();
    completeAddresses(content, address);
    dialog.replaceChildren(close, title, content, page);
    addButtons(dialog);
    dialog.showModal();
  }

  async function open(link) {
    const address = link.href;
    const anchor = decodeURIComponent(new URL(address).hash.slice(1));
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const reference = anchor ? page.getElementById(anchor) : page.querySelector(".reference");
      show(reference, address);
    } catch {
      location.href = address;
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.cite-link");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || location.protocol === "file:") return;
    event.preventDefault();
    open(link);
  });
})();
