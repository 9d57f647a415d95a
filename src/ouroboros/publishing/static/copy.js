/* Adds a copy button to every reference; without it the text can be selected. */
(() => {
  "use strict";
  for (const block of document.querySelectorAll("section > pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(block.textContent);
        button.textContent = "Copied";
      } catch {
        // Without permission (file://): select the text, so that one keystroke copies it.
        getSelection().selectAllChildren(block);
        button.textContent = "Selected";
      }
    });
    block.before(button);
  }
})();
