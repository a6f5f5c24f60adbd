// One server: sends it requests, draws each as it happens, asks /health/live all the time and the management listener each second.
import { duration, lane, milliseconds, sentence, totalMs, waitedMs } from "./words.js";

const BASE = new URL("..", import.meta.url);
const CONNECTIONS = 6; // that a browser opens to a host over HTTP/1.1
const PROBE_MS = 250; // from one look at /health/live to the next; a later answer is late
const DOTS = 40;
const PATIENCE_MS = 60000; // for an answer, whatever it is
const POLL_MS = 1000;
const POLL_AGAIN_MS = 10000; // where the management listener cannot be reached
const COLOURS = 12;
const RACE_TASKS = 100;
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_MS = 500; // from one drawing to the next, for those who ask for less motion

// "6 × /io", never broken between two lines.
const titled = (count, path) => count + "\u00a0×\u00a0" + path;
const times = (count, path) => Array.from({ length: count }, () => path);

// What the buttons send. A wait of 1 ms is about a unit of work.
export const ACTIONS = [
  {
    name: "io",
    needs: ["/io"],
    title: count => titled(count, "/io"),
    says: "the right way of each model",
    paths: (count, waitMs) => times(count, "/io?waitMs=" + waitMs),
  },
  {
    name: "blocking",
    needs: ["/io/blocking"],
    title: count => titled(count, "/io/blocking"),
    says: "a call that blocks the handler's thread",
    paths: (count, waitMs) => times(count, "/io/blocking?waitMs=" + waitMs),
  },
  {
    name: "offloaded",
    needs: ["/io/offloaded"],
    title: count => titled(count, "/io/offloaded"),
    says: "the blocking call, on a worker pool",
    paths: (count, waitMs) => times(count, "/io/offloaded?waitMs=" + waitMs),
  },
  {
    name: "pinned",
    needs: ["/io/pinned"],
    title: count => titled(count, "/io/pinned"),
    says: "a blocking call that keeps its carrier",
    paths: (count, waitMs) => times(count, "/io/pinned?waitMs=" + waitMs),
  },
  {
    name: "cpu",
    needs: ["/cpu/inline", "/io"],
    title: count => titled(Math.ceil(count / 2), "/cpu/inline") + ", " + titled(Math.max(1, Math.floor(count / 2)), "/io"),
    says: "those who compute beside those who wait",
    paths: (count, waitMs) => [
      ...times(Math.ceil(count / 2), "/cpu/inline?work=" + waitMs),
      ...times(Math.max(1, Math.floor(count / 2)), "/io?waitMs=" + waitMs),
    ],
  },
  {
    name: "race",
    needs: ["/race"],
    title: () => "/race",
    says: RACE_TASKS + " tasks that raise one counter",
    paths: () => ["/race?tasks=" + RACE_TASKS, "/race?tasks=" + RACE_TASKS + "&safe=true"],
  },
];

const address = path => new URL(path.substring(1), BASE);

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

const percent = (ms, axisMs) => Math.max(0, Math.min(100, (100 * ms) / axisMs)).toFixed(3) + "%";

function place(bar, fromMs, toMs, axisMs) {
  bar.hidden = toMs <= fromMs;
  bar.style.left = percent(fromMs, axisMs);
  bar.style.width = percent(Math.max(0, toMs - fromMs), axisMs);
}

async function json(url, options) {
  const answer = await fetch(url, { cache: "no-store", ...options });
  return answer.json();
}

// --- the main listener's health -------------------------------------------------------------------------------------------------

// Asks /health/live again and again, never twice at once. With credentials, of which there are none: browsers keep such
// connections apart from those without, so a probe needs none of the six that requests may have taken.
class Health {
  constructor() {
    this.probes = []; // { sentAt, endAt, isAlive }, endAt null until it is answered or has failed
    this.looks = []; // { at, state } for each PROBE_MS
    this.onLook = () => {};
  }

  start() {
    this.look();
    setInterval(() => this.look(), PROBE_MS);
  }

  look() {
    const last = this.looks.at(-1);
    if (last && last.state === "open") {
      last.state = "bad";
    }
    const asked = this.probes.at(-1);
    const isSilent = asked !== undefined && asked.endAt === null;
    const look = { at: performance.now(), state: isSilent ? "bad" : "open" };
    this.looks.push(look);
    this.looks.splice(0, this.looks.length - 1000);
    if (!isSilent) {
      this.ask(look);
    }
    this.onLook();
  }

  async ask(look) {
    const probe = { sentAt: performance.now(), endAt: null, isAlive: false };
    this.probes.push(probe);
    this.probes.splice(0, this.probes.length - 1000);
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(address("/health/live"), { cache: "no-store", credentials: "same-origin", signal });
      await answer.text();
      probe.isAlive = answer.ok;
    } catch {
      // The listener is gone; the dot says so.
    }
    probe.endAt = performance.now();
    look.state = look.state === "open" && probe.isAlive ? "good" : "bad";
    this.onLook();
  }

  // Of the probes that ended after this moment, once there is no older one to come: how long the longest took, how many there
  // were, and how many failed.
  async since(startAt) {
    const open = this.probes.at(-1);
    while (open && open.endAt === null) {
      await new Promise(resolve => setTimeout(resolve, PROBE_MS / 5));
    }
    const seen = this.probes.filter(p => p.endAt === null || p.endAt > startAt);
    return {
      silentMs: Math.max(0, ...seen.map(p => (p.endAt ?? performance.now()) - p.sentAt)),
      probes: seen.filter(p => p.endAt !== null).length,
      probesFailed: seen.filter(p => p.endAt !== null && !p.isAlive).length,
    };
  }
}

// --- the figures of the management listener ---------------------------------------------------------------------------------------

const FIGURES = {
  inFlight: "requests in flight",
  handlers: "handler threads",
  virtual: "virtual threads",
  lag: "loop lag",
  heap: "heap",
  queued: "queued tasks",
};

// All pools but the management listener's own.
function queuedTasks(metrics) {
  return metrics.split("\n")
    .filter(line => line.startsWith("executor_queued_tasks{") && !line.includes('name="management"'))
    .reduce((sum, line) => sum + Number(line.substring(line.lastIndexOf(" "))), 0);
}

class Figures {
  constructor(root) {
    this.values = {};
    const list = make("dl", "figures");
    for (const [name, label] of Object.entries(FIGURES)) {
      const pair = make("div", "figure");
      this.values[name] = make("dd", "", "–");
      pair.append(make("dt", "", label), this.values[name]);
      list.append(pair);
    }
    this.note = make("p", "note");
    this.note.hidden = true;
    root.append(list, this.note);
  }

  start(port) {
    if (port === null) {
      this.missing("This server lets no page read its management listener (PLAY_ORIGINS=none), so these figures are missing.");
      return;
    }
    const host = location.hostname.startsWith("[") ? "localhost" : location.hostname;
    this.poll("http://" + host + ":" + port);
  }

  async poll(management) {
    const options = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(3 * POLL_MS) };
    let next = POLL_MS;
    try {
      const [threads, metrics] = await Promise.all([
        fetch(management + "/threads", options).then(answer => answer.json()),
        fetch(management + "/metrics", options).then(answer => answer.text()),
      ]);
      this.show(threads, metrics);
      this.note.hidden = true;
    } catch {
      this.missing("The management listener (" + management + ") cannot be reached from this page, so its figures are missing.");
      next = POLL_AGAIN_MS;
    }
    setTimeout(() => this.poll(management), next);
  }

  show(threads, metrics) {
    const { handlers, requests, virtualThreads, loopLagMs } = threads;
    this.say("inFlight", String(requests.inFlight));
    this.say("handlers", handlers.live + ", " + handlers.busy + " busy");
    this.say("virtual", virtualThreads.live === 0 ? "none" : virtualThreads.live + " on " + virtualThreads.carriers + " carriers");
    this.say("lag", loopLagMs === null ? "no loop" : duration(loopLagMs.now), loopLagMs !== null && loopLagMs.now > PROBE_MS);
    this.say("heap", Math.round(threads.heapUsedBytes / 1048576) + " MiB");
    this.say("queued", String(queuedTasks(metrics)));
  }

  say(name, text, isBad = false) {
    this.values[name].textContent = text;
    this.values[name].classList.toggle("bad", isBad);
  }

  missing(why) {
    Object.keys(FIGURES).forEach(name => this.say(name, "–"));
    this.note.textContent = why;
    this.note.hidden = false;
  }
}

// --- the lanes --------------------------------------------------------------------------------------------------------------------

class Chart {
  constructor(root, health) {
    this.health = health;
    this.root = root;
    this.axis = make("div", "axis");
    this.axis.setAttribute("aria-hidden", "true");
    this.list = make("ol", "lanes");
    this.dots = make("div", "track dots");
    this.dots.setAttribute("aria-hidden", "true");
    this.empty = make("p", "empty", "Nothing has been sent yet. Press a button above.");
    this.clear();
  }

  clear() {
    this.startAt = null;
    this.root.replaceChildren(this.empty);
  }

  begin(requests, startAt, axisMs) {
    this.requests = requests;
    this.startAt = startAt;
    this.axisMs = axisMs;
    this.colours = new Map();
    this.severalPaths = new Set(requests.map(r => r.path)).size > 1;
    this.lanes = requests.map(() => this.newLane());
    this.list.replaceChildren(...this.lanes.map(one => one.item));
    const health = make("div", "health");
    this.dots.replaceChildren();
    health.append(this.dots, make("span", "name", "/health/live"));
    this.root.replaceChildren(this.axis, this.list, health);
    this.drawAxis();
    this.draw(startAt);
  }

  newLane() {
    const item = make("li", "lane");
    const track = make("div", "track");
    const queued = make("i", "bar queued");
    const pending = make("i", "bar pending");
    const waited = make("i", "bar waited");
    const handled = make("i", "bar handled");
    track.append(queued, pending, waited, handled);
    const text = make("p", "text");
    const name = make("span", "name");
    const detail = make("span", "detail");
    const took = make("b", "took");
    text.append(name, detail, took);
    item.append(track, text);
    return { item, queued, pending, waited, handled, name, detail, took };
  }

  drawAxis() {
    const step = [100, 200, 500, 1000, 2000, 5000, 10000].find(one => this.axisMs / one <= 7) ?? 20000;
    const ticks = [];
    for (let ms = 0; ms <= this.axisMs; ms += step) {
      const tick = make("span", "tick", ms === 0 ? "0" : ms > 0.94 * this.axisMs ? "" : ms / 1000 + " s");
      tick.style.left = percent(ms, this.axisMs);
      ticks.push(tick);
    }
    this.axis.replaceChildren(...ticks);
  }

  draw(now) {
    const elapsed = now - this.startAt;
    if (elapsed > this.axisMs && this.requests.some(r => r.endMs === null)) {
      this.axisMs *= 1.25;
      this.drawAxis();
    }
    // All requests of one path are alike, so the lanes follow the order of the answers.
    const paths = [...new Set(this.requests.map(r => r.path))];
    const rank = r => (r.endMs !== null ? r.endMs : r.sentMs !== null ? 1e9 : 2e9);
    const inOrder = [...this.requests].sort((a, b) => paths.indexOf(a.path) - paths.indexOf(b.path) || rank(a) - rank(b));
    inOrder.forEach((request, i) => this.drawLane(this.lanes[i], request, elapsed));
    this.drawHealth(now);
  }

  drawLane(one, request, elapsed) {
    const isAnswered = request.endMs !== null;
    const sentMs = request.sentMs ?? elapsed;
    place(one.queued, sentMs - (request.queuedMs ?? elapsed), sentMs, this.axisMs);
    place(one.pending, sentMs, isAnswered ? sentMs : elapsed, this.axisMs);
    const handlerMs = isAnswered ? sentMs + waitedMs(request) : sentMs;
    place(one.waited, sentMs, handlerMs, this.axisMs);
    place(one.handled, handlerMs, isAnswered ? request.endMs : handlerMs, this.axisMs);
    one.item.className = "lane " + (isAnswered ? (request.ok ? "answered " + this.colour(request.thread) : "failed") : request.sentMs === null ? "queued" : "sent");
    const path = this.severalPaths ? request.path + (request.safe ? ", safe" : "") + ": " : "";
    this.say(one.name, path + (isAnswered ? request.thread ?? "" : request.sentMs === null ? "queued in the browser" : "sent"));
    this.say(one.detail, isAnswered ? lane(request) : "");
    this.say(one.took, isAnswered ? milliseconds(request.endMs - request.sentMs + request.queuedMs) : "");
  }

  say(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
      element.title = text;
    }
  }

  colour(thread) {
    if (!this.colours.has(thread)) {
      this.colours.set(thread, "t" + (this.colours.size % COLOURS));
    }
    return this.colours.get(thread);
  }

  drawHealth(now) {
    const seen = this.health.looks.filter(look => look.at >= this.startAt && look.at <= (this.endAt ?? now));
    while (this.dots.children.length < seen.length) {
      this.dots.append(make("i", "dot"));
    }
    seen.forEach((look, i) => {
      this.dots.children[i].className = "dot " + look.state;
      this.dots.children[i].style.left = percent(look.at - this.startAt, this.axisMs);
    });
  }
}

// --- a run ------------------------------------------------------------------------------------------------------------------------

// queuedMs, sentMs and endMs as the browser measured them, which knows when each request got one of its connections. Requests
// of one address are told apart by the order of their answers.
function refine(requests, startAt) {
  const entries = performance.getEntriesByType("resource").filter(entry => entry.startTime >= startAt && entry.requestStart > 0);
  for (const path of new Set(requests.map(r => r.target))) {
    const measured = entries.filter(entry => entry.name === address(path).href).sort((a, b) => a.responseEnd - b.responseEnd);
    const answered = requests.filter(r => r.target === path && r.endMs !== null && r.status).sort((a, b) => a.endMs - b.endMs);
    if (measured.length === answered.length) {
      answered.forEach((request, i) => {
        request.queuedMs = measured[i].requestStart - measured[i].startTime;
        request.sentMs = measured[i].requestStart - startAt;
        request.endMs = measured[i].responseEnd - startAt;
      });
    }
  }
}

// How long a run may take. Pinned calls can freeze a server until its own deadline, which is a minute; a client that leaves ends them.
// Nobody can end the computing, which takes the longer the more others do.
const patienceMs = (name, requests, waitMs) => (name === "pinned" ? 5000 + 2 * requests.length * waitMs : PATIENCE_MS);

async function sendOne(request, startAt, signal) {
  try {
    // Without a cache, which would make equal requests wait for each other; without credentials, see Health.
    const answer = await fetch(address(request.target), { cache: "no-store", credentials: "omit", signal });
    const body = await answer.json();
    request.status = answer.status;
    request.ok = answer.ok;
    if (answer.ok) {
      Object.assign(request, {
        thread: body.thread,
        kind: body.threadKind,
        waitedIn: body.waitedIn ?? null,
        tookMs: body.tookMs,
        tasks: body.tasks,
        counted: body.counted,
        lost: body.lost,
        threads: body.threads,
      });
    }
  } catch (error) {
    request.status = null;
    request.ok = false;
    request.isLate = error.name === "TimeoutError";
  }
  request.endMs = performance.now() - startAt;
  request.sentMs ??= request.endMs;
  request.queuedMs ??= request.sentMs;
}

function newRequest(target, index) {
  const isSent = index < CONNECTIONS;
  return {
    target,
    path: target.split("?")[0],
    safe: target.includes("safe=true"),
    ok: false,
    status: null,
    isLate: false,
    queuedMs: isSent ? 0 : null,
    sentMs: isSent ? 0 : null,
    endMs: null,
    tookMs: null,
    thread: null,
    kind: null,
    waitedIn: null,
  };
}

async function describe() {
  const [told, root] = await Promise.all([json(new URL("server.json", import.meta.url)), json(BASE)]);
  return { ...told, paths: root.endpoints.filter(one => one.method === "GET").map(one => one.path) };
}

// Shows this server in an element.
export function mount(root) {
  root.className = "column";
  const title = make("h2", "", "…");
  const who = make("p", "who");
  const chartRoot = make("div", "chart");
  const said = make("p", "said");
  said.setAttribute("aria-live", "polite");
  const live = make("section", "live");
  live.setAttribute("aria-label", "Live figures");
  live.append(make("h3", "", "Live, from the management listener"));
  const head = make("header", "");
  head.append(title, who);
  root.append(head, chartRoot, said, live);

  const health = new Health();
  const chart = new Chart(chartRoot, health);
  const figures = new Figures(live);
  const strip = make("div", "strip");
  strip.setAttribute("aria-hidden", "true");
  live.append(make("h3", "", "/health/live of the main listener, four times a second"), strip);
  for (let i = 0; i < DOTS; i++) {
    strip.append(make("i", "dot"));
  }
  health.onLook = () => {
    const latest = health.looks.slice(-DOTS);
    latest.forEach((look, i) => { strip.children[DOTS - latest.length + i].className = "dot " + look.state; });
  };
  health.start();

  const server = describe().then(
    told => {
      title.textContent = told.model;
      who.textContent = told.server + ", " + location.host;
      figures.start(told.managementPort);
      return told;
    },
    () => {
      title.textContent = "no answer";
      said.textContent = "This server does not answer.";
      return null;
    });

  async function run(name, count, waitMs) {
    const told = await server;
    const action = ACTIONS.find(one => one.name === name);
    if (told === null || !action.needs.every(path => told.paths.includes(path))) {
      chart.clear();
      said.textContent = told === null ? "This server does not answer." : "This server has no " + action.needs[0] + ".";
      return null;
    }
    said.textContent = "";
    performance.clearResourceTimings();
    const requests = action.paths(count, waitMs).map(newRequest);
    const patience = patienceMs(name, requests, waitMs);
    const signal = AbortSignal.timeout(patience);
    const startAt = performance.now();
    chart.endAt = null;
    // As wide as it takes if one request is served after another.
    chart.begin(requests, startAt, name === "race" ? 500 : waitMs * Math.max(requests.length, 2) * 1.08);
    let isOver = false;
    let lastDrawn = 0;
    const animate = now => {
      if (!isOver) {
        if (!CALM.matches || now - lastDrawn >= CALM_MS) {
          lastDrawn = now;
          chart.draw(performance.now());
        }
        requestAnimationFrame(animate);
      }
    };
    requestAnimationFrame(animate);
    await Promise.all(requests.map(async request => {
      await sendOne(request, startAt, signal);
      const next = requests.find(other => other.sentMs === null);
      if (next) { // it has got this one's connection
        next.sentMs = performance.now() - startAt;
        next.queuedMs = next.sentMs;
      }
      refine(requests, startAt);
    }));
    chart.endAt = performance.now();
    const healthSeen = await health.since(startAt);
    isOver = true;
    refine(requests, startAt);
    chart.draw(performance.now());
    const seen = { name, model: told.model, server: told.server, waitMs, patienceMs: patience, requests, ...healthSeen };
    said.textContent = sentence(seen);
    setTimeout(() => { // the last dots are known by then
      if (chart.startAt === startAt) {
        chart.draw(performance.now());
      }
    }, 2 * PROBE_MS);
    return { ...seen, totalMs: totalMs(requests) };
  }

  return { server, run };
}
