// The controls, and a column for each server: this one, and those that ?with= names, each in a frame of its own origin.
import { ACTIONS, mount } from "./column.js";
import { comparison, milliseconds } from "./words.js";

const PATIENCE_MS = 5000; // for another server to show its frame
const columns = [];
const element = id => document.getElementById(id);

// The column of this server.
function own() {
  const root = document.createElement("div");
  element("columns").append(root);
  return mount(root);
}

// The column of another server: its frame, and what passes between the two.
function framed(origin) {
  const root = document.createElement("div");
  const frame = document.createElement("iframe");
  frame.title = "The server at " + origin;
  frame.src = origin + "/play/column.html";
  root.append(frame);
  element("columns").append(root);
  const runs = new Map();
  let said;
  const server = new Promise(resolve => { said = resolve; });
  const silent = setTimeout(() => {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = origin + " does not answer, or does not let this page show it: its PLAY_ORIGINS has to name " + location.origin + ".";
    root.replaceChildren(note);
    said(null);
  }, PATIENCE_MS);
  window.addEventListener("message", event => {
    if (event.source !== frame.contentWindow || event.origin !== origin) {
      return;
    }
    const message = event.data;
    if (message.type === "ready") {
      clearTimeout(silent);
      said(message.server);
    } else if (message.type === "height") {
      frame.style.height = Math.ceil(Number(message.height)) + "px";
    } else if (message.type === "done" && runs.has(message.id)) {
      runs.get(message.id)(message.run);
      runs.delete(message.id);
    }
  });
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ type: "hello" }, origin));
  return {
    server,
    run: async (action, count, waitMs) => {
      if (await server === null) {
        return null;
      }
      const id = crypto.getRandomValues(new Uint32Array(1))[0];
      const done = new Promise(resolve => runs.set(id, resolve));
      frame.contentWindow.postMessage({ type: "run", id, action, count, waitMs }, origin);
      return done;
    },
  };
}

const count = () => Number(element("count").value);
const waitMs = () => Number(element("wait").value);

function showKnobs() {
  element("count-now").textContent = count();
  element("wait-now").textContent = milliseconds(waitMs());
  document.querySelectorAll("#actions button").forEach(button => {
    const action = ACTIONS.find(one => one.name === button.dataset.action);
    button.querySelector("b").textContent = action.title(count());
  });
}

let running = false;

async function send(action) {
  if (running) {
    return; // the buttons keep their focus
  }
  setRunning(action.name);
  try {
    const runs = await Promise.all(columns.map(column => column.run(action.name, count(), waitMs())));
    const done = runs.filter(run => run !== null);
    if (columns.length > 1 && done.length > 0) {
      element("summary").textContent = comparison(done);
    }
  } finally {
    setRunning(null);
  }
}

function setRunning(name) {
  running = name !== null;
  document.body.classList.toggle("running", running);
  document.querySelectorAll("#actions button").forEach(button => {
    button.setAttribute("aria-disabled", String(running));
    button.classList.toggle("current", button.dataset.action === name);
  });
  if (running) {
    element("summary").textContent = "";
  }
}

function showButtons(servers) {
  const listed = servers.filter(server => server !== null).flatMap(server => server.paths);
  for (const action of ACTIONS.filter(one => one.needs.every(path => listed.includes(path)))) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.action = action.name;
    button.append(document.createElement("b"), document.createElement("small"));
    button.querySelector("small").textContent = action.says;
    button.addEventListener("click", () => send(action));
    element("actions").append(button);
  }
  if (!listed.includes("/io/blocking")) {
    const note = document.createElement("p");
    note.className = "hint";
    note.textContent = "The anti-patterns are off on this server (ANTI_PATTERNS=false), so their buttons are missing.";
    element("actions").after(note);
  }
  showKnobs();
}

const others = (new URLSearchParams(location.search).get("with") || "").split(",").filter(origin => origin !== "");
columns.push(own(), ...others.map(framed));
document.body.classList.toggle("together", columns.length > 1);
element("count").addEventListener("input", showKnobs);
element("wait").addEventListener("input", showKnobs);
showButtons(await Promise.all(columns.map(column => column.server)));
