// The claim explorer: search as one types, facets with counts, sorting, all of it kept in the address. It searches
// what a row shows and what its links say: the words of statements and the titles of sources. Without this script the
// table is plain and whole.
(() => {
  "use strict";
  const table = document.querySelector("table.claims");
  const form = document.querySelector("form.ledger-filter");
  if (!table || !form) return;
  const rows = [...table.tBodies[0].rows];
  const column = { claim: 0, text: 1, dimension: 2, kind: 3, audit: 4, mark: 5, source: 6, statement: 7 };
  const text = (row, name) => row.cells[column[name]].textContent.replace(/\s+/g, " ").trim();
  const filters = ["dimension", "kind", "audit", "mark", "statement", "source"];
  const state = { q: "", sort: "", dimension: "", kind: "", audit: "", mark: "", statement: "", source: "" };

  // What a row has in each facet: one value, or one for each statement that rests on it and each work it cites.
  const several = {
    statement: (row) => [...row.cells[column.statement].querySelectorAll("a, .chip")]
      .map((link) => (link.textContent.trim().match(/^[A-Z]\d+/) || [""])[0]).filter(Boolean),
    source: (row) => text(row, "source").replace(/\), /g, ")\n").split("\n").map((work) => work.trim()).filter(Boolean),
  };
  const values = new Map(rows.map((row) => [row, Object.fromEntries(filters.map((name) =>
    [name, name in several ? [...new Set(several[name](row))] : [text(row, name)]]))]));
  const words = new Map(rows.map((row) => [row, [row.textContent, ...[...row.querySelectorAll("[title]")]
    .map((link) => link.title)].join(" ").toLowerCase()]));

  // --- the form above the table: the page brings it along (sphinxext/claim_filter.py), so that nothing moves ----
  const search = form.querySelector("#ledger-q");
  const controls = { q: search };
  for (const name of filters) controls[name] = form.querySelector(`#ledger-${name}`);
  const reset = form.querySelector("button");
  const count = form.querySelector("output");

  // --- sorting by the titles of the columns --------------------------------------------------------------
  table.classList.add("filtered");
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, k) => {
    const name = Object.keys(column)[k];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      state.sort = state.sort === name ? `-${name}` : state.sort === `-${name}` ? "" : name;
      apply();
    });
  });

  // Leaving one facet out gives the counts of its choices.
  const matches = (row, except) =>
    filters.every((name) => name === except || !state[name] || values.get(row)[name].includes(state[name])) &&
    state.q.toLowerCase().split(/\s+/).every((word) => words.get(row).includes(word));

  function recount() {
    for (const name of filters) {
      const counts = new Map();
      for (const row of rows) {
        if (matches(row, name)) for (const value of values.get(row)[name]) counts.set(value, (counts.get(value) || 0) + 1);
      }
      for (const option of controls[name].options) {
        if (option.value) option.textContent = `${option.value} (${counts.get(option.value) || 0})`;
      }
    }
  }

  // Marks found words without touching the page, where the browser can.
  function mark() {
    if (!globalThis.Highlight || !CSS.highlights) return;
    const found = new Highlight();
    for (const word of state.q.toLowerCase().split(/\s+/).filter((part) => part.length > 1)) {
      for (const row of rows.filter((each) => !each.hidden)) {
        const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const node = walker.currentNode;
          const at = node.data.toLowerCase().indexOf(word);
          if (at < 0 || at + word.length > node.length) continue;
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          found.add(range);
        }
      }
    }
    CSS.highlights.set("found", found);
  }

  function order() {
    const name = state.sort.replace("-", "");
    if (!(name in column)) return rows;
    const sign = state.sort.startsWith("-") ? -1 : 1;
    const by = (a, b) => sign * text(a, name).localeCompare(text(b, name), "en", { numeric: true });
    return rows.map((row, k) => [row, k]).sort((a, b) => by(a[0], b[0]) || a[1] - b[1]).map(([row]) => row);
  }

  // --- state in the address, so that a view can be sent to somebody ---------------------------------------
  function remember() {
    const asked = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
    const query = asked.toString();
    try {
      history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
    } catch {
      // Some browsers refuse it for files; the view works, only its address does not change.
    }
  }

  function apply() {
    let shown = 0;
    const body = table.tBodies[0];
    const ordered = order();
    for (const row of ordered) {
      row.hidden = !matches(row);
      if (!row.hidden) row.classList.toggle("odd", shown++ % 2 === 0);
    }
    if (ordered.some((row, k) => row !== body.rows[k])) body.append(...ordered);
    heads.forEach((head, k) => {
      const name = Object.keys(column)[k];
      const way = state.sort === name ? "ascending" : state.sort === `-${name}` ? "descending" : null;
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
    });
    count.textContent = `${shown} of ${rows.length} claims`;
    recount();
    mark();
    remember();
  }

  // --- the keyboard: "/" to the search, arrows through the rows, Escape empties the search ------------------
  const links = () => [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.querySelector("a"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    const typing = at.matches("input, select, textarea");
    if (event.key === "/" && !typing) {
      search.focus();
    } else if (event.key === "Escape" && at === search && search.value) {
      search.value = state.q = "";
      apply();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const list = links();
      const where = list.indexOf(at);
      if (where < 0 && !(at === search && event.key === "ArrowDown")) return;
      const next = where + (event.key === "ArrowDown" ? 1 : -1);
      (list[next] || (next < 0 ? search : at)).focus();
    } else {
      return;
    }
    event.preventDefault();
  });

  const given = new URLSearchParams(location.search);
  for (const name of Object.keys(state)) state[name] = given.get(name) || "";
  for (const [name, control] of Object.entries(controls)) {
    control.value = state[name];
    state[name] = control.value;
    // Some browsers and everything that fills in forms for a reader report a choice by "change" alone.
    for (const told of ["input", "change"]) {
      control.addEventListener(told, () => {
        if (state[name] === control.value) return;
        state[name] = control.value;
        apply();
      });
    }
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  reset.addEventListener("click", () => {
    for (const name of Object.keys(state)) state[name] = "";
    for (const control of Object.values(controls)) control.value = "";
    apply();
  });
  apply();
})();
