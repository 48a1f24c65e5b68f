"use strict";
// The theme: as the system has it, or as the reader has chosen, which is remembered where that is possible.

const Theme = (() => {
  function listen() {
    const select = document.getElementById("theme");
    const apply = (value) => {
      if (value === "") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
    };
    try {
      select.value = localStorage.getItem("explorer-theme") ?? "";
    } catch {
      // A page from a file may have no storage; then the choice lasts as long as the page.
    }
    apply(select.value);
    select.addEventListener("change", () => {
      apply(select.value);
      try {
        localStorage.setItem("explorer-theme", select.value);
      } catch {
        // As above.
      }
    });
  }

  return { listen };
})();
