/* On a page that moved: go where the section that was asked for stands now. The page itself says it as links. */
(() => {
  "use strict";
  const { page } = document.currentScript.dataset;
  addEventListener("DOMContentLoaded", () => {
    const item = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const link = item && item.querySelector("a");
    location.replace(link ? link.href : page + (page.includes("#") ? "" : location.hash));
  });
})();
