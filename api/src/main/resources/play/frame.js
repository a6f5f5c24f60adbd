// One server inside the page of another, which cannot read what this one says: it is told what to send, and tells what it saw.
// Only the origins of PLAY_ORIGINS can open this frame, by its policy.
import { mount } from "./column.js";

const column = mount(document.getElementById("column"));
let origin = null;

function tell(message) {
  window.parent.postMessage(message, origin);
}

window.addEventListener("message", async event => {
  if (event.source !== window.parent || window.parent === window) {
    return;
  }
  if (event.data.type === "hello") {
    origin = event.origin;
    new ResizeObserver(() => tell({ type: "height", height: document.body.scrollHeight })).observe(document.body);
    tell({ type: "ready", server: await column.server });
  } else if (event.data.type === "run" && event.origin === origin) {
    tell({ type: "done", id: event.data.id, run: await column.run(event.data.action, event.data.count, event.data.waitMs) });
  }
});
