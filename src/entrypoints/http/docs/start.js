"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Both would call a server of swagger.io.
  validatorUrl: null,
  queryConfigEnabled: false,
});
