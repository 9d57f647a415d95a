// Filters, search and sorting for the table of claims. Without this script the table is plain and whole.
(() => {
  "use strict";
  const table = document.querySelector("table.claims");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const column = { claim: 0, text: 1, dimension: 2, kind: 3, audit: 4, mark: 5, source: 6 };
  const text = (row, name) => row.cells[column[name]].textContent.replace(/\s+/g, " ").trim();
  const filters = [["dimension", "Dimension"], ["kind", "Kind"], ["audit", "Audit"], ["mark", "Tested here"]];
  const state = { q: "", sort: "", dimension: "", kind: "", audit: "", mark: "" };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // --- the form above the table -------------------------------------------------------------------------
  const search = make("input", { type: "search", id: "ledger-q", autocomplete: "off" });
  const controls = { q: search };
  const form = make("form", { className: "ledger-filter" });
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the claims");
  form.append(make("label", {}, "Search", search));
  for (const [name, label] of filters) {
    const counts = new Map();
    for (const row of rows) counts.set(text(row, name), (counts.get(text(row, name)) || 0) + 1);
    const values = [...counts.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const select = make("select", { id: `ledger-${name}` }, make("option", { value: "" }, "any"));
    for (const value of values) select.append(make("option", { value }, `${value} (${counts.get(value)})`));
    controls[name] = select;
    form.append(make("label", {}, label, select));
  }
  const reset = make("button", { type: "button" }, "Show all");
  const count = make("output", { className: "ledger-count" });
  count.setAttribute("aria-live", "polite");
  form.append(reset, count);
  const holder = table.closest(".scroll-x") || table;
  holder.before(form);

  // --- sorting by the titles of the columns --------------------------------------------------------------
  table.classList.add("filtered");
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, k) => {
    const name = Object.keys(column)[k];
    const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      state.sort = state.sort === name ? `-${name}` : state.sort === `-${name}` ? "" : name;
      apply();
    });
  });

  const matches = (row) =>
    filters.every(([name]) => !state[name] || text(row, name) === state[name]) &&
    state.q.toLowerCase().split(/\s+/).every((word) => row.textContent.toLowerCase().includes(word));

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
    for (const row of order()) {
      row.hidden = !matches(row);
      if (!row.hidden) row.classList.toggle("odd", shown++ % 2 === 0);
      table.tBodies[0].append(row);
    }
    heads.forEach((head, k) => {
      const name = Object.keys(column)[k];
      const way = state.sort === name ? "ascending" : state.sort === `-${name}` ? "descending" : null;
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
    });
    count.textContent = `${shown} of ${rows.length} claims`;
    remember();
  }

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
