// Starts Redoc on the API's own document. The styles that it writes carry the
// nonce of this answer, which the page's Content-Security-Policy asks for.
(function () {
  "use strict";
  const nonce = document.currentScript.nonce;
  const sans = "system-ui, sans-serif", mono = "ui-monospace, monospace";
  // Samples that are no JSON may be wider than their place; Redoc lets nobody
  // scroll them by keyboard.
  new MutationObserver(function () {
    for (const sample of document.querySelectorAll("#redoc pre:not([tabindex])")) {
      sample.setAttribute("tabindex", "0");
    }
  }).observe(document.getElementById("redoc"), { childList: true, subtree: true });
  window.addEventListener("load", function () {
    Redoc.init("../documentation.json", {
      nonce: nonce,
      hideDownloadButtons: true, // the bar above has both forms
      nativeScrollbars: true,
      showExtensions: true,
      sortRequiredPropsFirst: true,
      theme: {
        // Redoc's own colours are too faint to read (WCAG 2.1, 1.4.3: 4.5 to 1).
        colors: {
          success: { main: "#14611c" },
          error: { main: "#a81310" },
          warning: { main: "#8a5300", contrastText: "#ffffff" },
          text: { primary: "#1b1b1b", secondary: "#565d68" },
          responses: { error: { tabTextColor: "#ff8f8a" }, redirect: { tabTextColor: "#ffc46b" } },
          http: {
            get: "#1a65ad", post: "#14724a", put: "#8a5300", patch: "#0b6c5b", delete: "#b81414",
            options: "#565d68", head: "#7a1fa2", basic: "#565d68", link: "#0b6c5b"
          }
        },
        schema: { typeNameColor: "#565d68", typeTitleColor: "#565d68", requireLabelColor: "#a81310" },
        sidebar: { backgroundColor: "#f1f4f7" },
        typography: {
          fontFamily: sans,
          headings: { fontFamily: sans },
          code: { fontFamily: mono, color: "#9c1a4c" },
          links: { color: "#0b5cad" }
        }
      }
    }, document.getElementById("redoc"));
  });
})();
