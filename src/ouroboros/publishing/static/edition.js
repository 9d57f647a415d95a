/* Lets a page of any edition, however old, know of the editions that came later.
   The one script of the site that is never frozen; without it a plain link to the list of editions stays. */
(() => {
  "use strict";
  const script = document.currentScript;
  const { edition, page } = script.dataset;
  const root = script.src.replace(/edition\.js(\?.*)?$/, "");
  const address = (entry, place) => root + entry.path + place;

  // The same page in the other edition, else its cover.
  async function follow(entry) {
    const same = address(entry, page);
    try {
      const answer = await fetch(same, { method: "HEAD" });
      location.href = answer.ok ? same : address(entry, "");
    } catch {
      location.href = address(entry, "");
    }
  }

  function build(editions) {
    const place = document.querySelector(".edition-switcher");
    if (!place || editions.length < 2) return;
    const label = document.createElement("label");
    label.append("Edition ");
    const select = document.createElement("select");
    for (const entry of editions) {
      const option = new Option(entry.title, entry.id, false, entry.id === edition);
      select.add(option);
    }
    select.addEventListener("change", () => follow(editions[select.selectedIndex]));
    label.append(select);
    place.replaceChildren(label);
  }

  function warn(editions) {
    const newest = editions.find((entry) => entry.newest);
    if (!newest || newest.id === edition || edition.includes("dev")) return;
    const banner = document.createElement("p");
    banner.className = "edition-banner";
    banner.append(`You are reading edition ${edition}. The newest is `);
    const link = document.createElement("a");
    link.href = address(newest, "");
    link.textContent = newest.id;
    banner.append(link, ".");
    const main = document.querySelector("article") || document.body;
    main.prepend(banner);
  }

  // Over file:// a script may not read editions.json: the static link remains.
  fetch(root + "editions.json")
    .then((answer) => answer.json())
    .then((editions) => { build(editions); warn(editions); })
    .catch(() => {});
})();
