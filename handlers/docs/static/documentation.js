// Starts Swagger UI on the API's own document. A file, not an inline script:
// the page's Content-Security-Policy allows nothing inline.
(function () {
  "use strict";

  // An operation's heading is a button, and holds a link: a screen reader finds
  // one in the other. Without the link the button still puts the operation's
  // address (#/tag/operationId) into the address bar.
  function HeadingsWithoutLinks() {
    return {
      wrapComponents: {
        DeepLink: function (Original, system) {
          return function (props) {
            return system.React.createElement(Original, Object.assign({}, props, {
              enabled: props.enabled && !props.path.includes("/")
            }));
          };
        }
      }
    };
  }

  // What Swagger UI leaves without a name for screen readers, or without a way
  // to reach it by keyboard.
  const names = [
    ["#servers", "Server"],
    [".close-modal", "Close"],
    [".examples-select-element", "Example"],
    ["textarea.body-param__text", "Request body"],
    [".opblock-section-request-body input[type=file]", "File"],
    [".copy-to-clipboard button", "Copy"]
  ];
  function repair() {
    for (const [selector, name] of names) {
      for (const element of document.querySelectorAll(selector)) {
        if (!element.hasAttribute("aria-label")) {
          element.setAttribute("aria-label", name);
        }
      }
    }
    for (const row of document.querySelectorAll("tr[data-param-name]")) {
      for (const field of row.querySelectorAll("input:not([aria-label]), select:not([aria-label]), textarea:not([aria-label])")) {
        field.setAttribute("aria-label", row.dataset.paramName);
      }
    }
    for (const scrolled of document.querySelectorAll("pre.microlight:not([tabindex]), .highlight-code > *:not([tabindex])")) {
      scrolled.setAttribute("tabindex", "0");
    }
  }

  // Without cookies among the document's schemes, credentials are those of
  // Authorize alone: a refusal is shown as it is, and not covered by the browser's
  // own dialog for Basic.
  function cookies() {
    const schemes = window.ui && window.ui.getSystem().specSelectors.specJson().getIn(["components", "securitySchemes"]);
    return Boolean(schemes) && schemes.some(function (scheme) { return scheme.get("in") === "cookie"; });
  }

  window.addEventListener("load", function () {
    window.ui = SwaggerUIBundle({
      url: "../documentation.json",
      dom_id: "#swagger-ui",
      deepLinking: true,
      showExtensions: true,
      displayRequestDuration: true,
      persistAuthorization: true,
      tryItOutEnabled: true,
      docExpansion: "list",
      validatorUrl: null,
      presets: [SwaggerUIBundle.presets.apis],
      plugins: [HeadingsWithoutLinks],
      requestInterceptor: function (request) {
        if (!cookies()) {
          request.credentials = "omit";
        }
        return request;
      },
      layout: "BaseLayout"
    });
    let asked = false;
    new MutationObserver(function () {
      if (!asked) {
        asked = true;
        requestAnimationFrame(function () {
          asked = false;
          repair();
        });
      }
    }).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
  });
})();
