// Prints the page from the theme's button, whose inline handler the site's policy does not allow.
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("button.btn-download-pdf-button")) print();
});
