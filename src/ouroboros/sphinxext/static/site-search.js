// The search page. Over http it asks Pagefind's index, a few kB for each word, and groups what it finds by kind;
// over file://, where a browser may fetch nothing, it loads the search of the theme.
(() => {
  "use strict";
  const here = document.currentScript.src;
  const top = new URL("../", here);
  const KINDS = [
    ["claim", "Claims"], ["statement", "Statements"], ["experiment", "Experiments"], ["forecast", "Forecasts"],
    ["chapter", "Chapters"], ["term", "Terms"], ["source", "Sources"],
  ];
  const STEP = 8; // results whose text is fetched at once
  const place = document.getElementById("search-results");
  const form = document.querySelector(".bd-search-container form, main form.bd-search") || document.querySelector("form.bd-search");
  const field = form.querySelector("input[type=search]");
  let engine = null;
  let asked = 0;

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  function loadTheme() {
    const load = ([first, ...rest]) => {
      if (!first) return;
      const script = make("script", { src: new URL(first, top).href });
      script.addEventListener("load", () => load(rest));
      document.head.append(script);
    };
    const asks = new URLSearchParams(location.search).get("q");
    load(["_static/language_data.js", "_static/searchtools.js", ...(asks ? ["searchindex.js"] : [])]);
  }

  // Pagefind marks what it found in escaped text; only its marks become elements.
  function quoted(excerpt) {
    const parsed = new DOMParser().parseFromString(excerpt, "text/html").body;
    const parts = [...parsed.childNodes].map((node) =>
      node.nodeName === "MARK" ? make("mark", {}, node.textContent) : node.textContent);
    return make("p", { className: "search-excerpt" }, ...parts);
  }

  function drawn(found) {
    const link = make("a", { href: new URL(found.raw_url.replace(/^\//, ""), top).href }, found.meta.title);
    const item = make("li", {}, link, quoted(found.excerpt));
    const deeper = found.sub_results.filter((part) => part.anchor && part.url.includes("#")).slice(0, 3);
    if (deeper.length && !found.raw_url.includes("#")) {
      item.append(make("ul", {}, ...deeper.map((part) =>
        make("li", {}, make("a", { href: `${link.href}#${part.anchor.id}` }, part.title)))));
    }
    return item;
  }

  async function show(query) {
    const turn = ++asked;
    const heading = make("p", { className: "search-summary" });
    heading.setAttribute("role", "status");
    if (!query.trim()) {
      place.replaceChildren();
      return;
    }
    const { results } = await engine.search(query);
    if (turn !== asked) return;
    heading.textContent = results.length === 1 ? "One result" : `${results.length} results`;
    const lists = new Map();
    const more = make("button", { type: "button", className: "search-more" }, "More results");
    place.replaceChildren(heading, more);
    let from = 0;
    async function next() {
      const part = results.slice(from, from + STEP);
      from += part.length;
      more.hidden = true;
      // In the order of their rank, each shown as soon as it and those before it are there.
      for (const waiting of part.map((result) => result.data())) {
        const found = await waiting;
        if (turn !== asked) return;
        const kind = found.meta.kind || "chapter";
        if (!lists.has(kind)) {
          const list = make("ol", {});
          lists.set(kind, list);
          const title = (KINDS.find(([name]) => name === kind) || ["", kind])[1];
          more.before(make("section", { className: "search-group" }, make("h2", {}, title), list));
        }
        lists.get(kind).append(drawn(found));
      }
      more.hidden = from >= results.length;
    }
    more.addEventListener("click", next);
    await next();
  }

  async function start() {
    try {
      engine = await import(new URL("pagefind/pagefind.js", top).href);
      await engine.options({ noWorker: true, excerptLength: 24 });
    } catch {
      loadTheme(); // a copy of the site without the index
      return;
    }
    const query = new URLSearchParams(location.search).get("q") || "";
    field.value = query;
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const address = new URL(location.href);
        address.searchParams.set("q", field.value);
        history.replaceState(null, "", address);
        show(field.value);
      }, 200);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(field.value);
    });
    await show(query);
  }

  if (location.protocol === "file:") loadTheme();
  else start();
})();
