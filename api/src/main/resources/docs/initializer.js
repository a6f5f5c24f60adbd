// A path with servers of its own is answered by the management listener, which this page must not call.
const mainListenerOnly = () => ({
  statePlugins: {
    spec: {
      wrapSelectors: {
        allowTryItOutFor: () => (state, path) => !state.getIn(["json", "paths", path, "servers"]),
      },
    },
  },
});

SwaggerUIBundle({
  url: "openapi.yaml",
  dom_id: "#swagger-ui",
  plugins: [mainListenerOnly],
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  syntaxHighlight: { activated: true },
  tryItOutEnabled: true,
  validatorUrl: null,
});
