// Starts Swagger UI on the API's own document. A file, not an inline script:
// the page's Content-Security-Policy allows nothing inline.
window.addEventListener("load", function () {
  "use strict";
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
    layout: "BaseLayout"
  });
});
