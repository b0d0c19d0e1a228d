"use strict";

SwaggerUIBundle({
  url: document.getElementById("docs").dataset.document,
  domNode: document.getElementById("docs"),
  deepLinking: true,
  validatorUrl: null, // the default asks a server on the Internet
});
