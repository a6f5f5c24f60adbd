// What a run was like, in words: computed from what was seen, and from nothing else. No part of the page is touched here.
//
// A run is { name, model, waitMs, patienceMs, requests, silentMs, probes, probesFailed }. A request is { path, ok, status, isLate,
// queuedMs, sentMs, endMs, tookMs, thread, kind, waitedIn, tasks, counted, lost, threads }: queuedMs in the browser, sentMs and endMs from the start of
// the run, tookMs in the handler as the server says. Of the probes of /health/live silentMs is the longest time that one took.

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

// A shorter wait is no wait: it is the time that a request takes anyway.
const NOTICED_MS = 100;

// Who waited longer than this part of the wait was held up; less may be the machine's.
const HELD_UP = 0.5;

// A probe that took longer counts as silence.
const SILENT_MS = 500;

export function count(number, one, many) {
  return (number < WORDS.length ? WORDS[number] : grouped(number)) + " " + (number === 1 ? one : many);
}

function grouped(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function milliseconds(ms) {
  return grouped(ms) + " ms";
}

// "6.0 s"; below a second "12 ms".
export function duration(ms) {
  return ms < 995 ? milliseconds(ms) : (Math.round(ms / 100) / 10).toFixed(1) + " s";
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.substring(1);
}

function distinct(values) {
  return values.filter(function (value, index) {
    return values.indexOf(value) === index;
  });
}

// From the first sent to the last answered.
export function totalMs(requests) {
  return Math.max.apply(null, requests.map(r => r.endMs)) - Math.min.apply(null, requests.map(r => r.sentMs - r.queuedMs));
}

// How long it waited for a thread before its handler began.
export function waitedMs(request) {
  return request.ok && request.tookMs !== null ? Math.max(0, request.endMs - request.sentMs - request.tookMs) : 0;
}

// How many handlers ran at the same time, at most. Those that overlap by little took turns.
export function atOnce(requests) {
  const answered = requests.filter(r => r.ok && r.tookMs !== null);
  let most = 0;
  answered.forEach(function (one) {
    const middle = one.endMs - one.tookMs / 2;
    most = Math.max(most, answered.filter(r => r.endMs - r.tookMs <= middle && middle < r.endMs).length);
  });
  return most;
}

// "staircase" where handlers ran one after another, "flat" where all ran at the same time, else "steps".
export function shape(requests) {
  const answered = requests.filter(r => r.ok && r.tookMs !== null);
  const most = atOnce(answered);
  if (answered.length < 2 || most === answered.length) {
    return "flat";
  }
  return most === 1 ? "staircase" : "steps";
}

const KINDS = {
  "event-loop": ["event loop", "event loops"],
  "virtual": ["virtual thread", "virtual threads"],
  "platform": ["pool thread", "pool threads"],
};

function kindOf(request) {
  return KINDS[request.kind] || ["thread", "threads"];
}

// Who ran the handlers, and who waited.
function threads(answered) {
  const runners = distinct(answered.map(r => r.thread));
  const kind = kindOf(answered[0]);
  const ran = capital(count(runners.length, kind[0], kind[1]));
  const waiting = answered.filter(r => r.waitedIn);
  if (waiting.length === 0) {
    return answered[0].path.indexOf("/io") === 0 ? ran + " started all the calls, and no thread waited." : ran + " ran them.";
  }
  const others = waiting.filter(r => r.waitedIn.name !== r.thread);
  if (others.length > 0) {
    const workers = distinct(others.map(r => r.waitedIn.name)).length;
    return ran + " handed them over, and " + count(workers, "worker thread", "worker threads") + " waited.";
  }
  if (answered[0].kind === "event-loop") {
    return ran + " waited for each of them, and did nothing else meanwhile.";
  }
  return runners.length === answered.length && runners.length > 1
    ? ran + " waited, one for each call."
    : ran + " waited.";
}

function health(run) {
  if (run.probesFailed > 0) {
    return " " + capital(count(run.probesFailed, "request", "requests")) + " of " + run.probes + " to /health/live failed.";
  }
  return run.silentMs >= SILENT_MS
    ? " /health/live was silent for " + duration(run.silentMs) + "."
    : " /health/live answered all the time, within " + milliseconds(Math.max(1, run.silentMs)) + ".";
}

function failures(run) {
  const failed = run.requests.filter(r => !r.ok);
  if (failed.length === 0) {
    return "";
  }
  const noAnswer = r => "no answer" + (r.isLate ? " within " + duration(run.patienceMs) : "");
  const why = distinct(failed.map(r => (r.status ? "status " + r.status : noAnswer(r)))).join(", ");
  return " " + capital(count(failed.length, "request", "requests")) + " of " + run.requests.length + " failed (" + why + ").";
}

function browser(requests) {
  const queued = requests.filter(r => r.queuedMs >= NOTICED_MS).length;
  return queued === 0
    ? ""
    : " " + capital(count(queued, "request", "requests")) + " of " + requests.length
      + " waited in the browser first, which opens six connections to a host.";
}

const MANNERS = { flat: ", all at the same time", staircase: ", one after another" };

function manner(requests) {
  return requests.length < 2 ? "" : MANNERS[shape(requests)] || ", " + count(atOnce(requests), "", "").trim() + " at a time";
}

function waits(run) {
  const answered = run.requests.filter(r => r.ok);
  let text = capital(count(run.requests.length, "call", "calls")) + " of " + milliseconds(run.waitMs) + " took "
    + duration(totalMs(run.requests)) + manner(answered) + ".";
  if (answered.length > 0) {
    text += " " + threads(answered);
  }
  return text;
}

function longest(requests) {
  return Math.max.apply(null, requests.map(r => r.endMs - r.sentMs));
}

// Computing beside waiting: what became of those who only waited.
function computing(run) {
  const cpu = run.requests.filter(r => r.path.indexOf("/cpu") === 0);
  const io = run.requests.filter(r => r.path.indexOf("/cpu") !== 0);
  let text = capital(count(cpu.length, "computation", "computations")) + " and " + count(io.length, "call", "calls") + " of "
    + milliseconds(run.waitMs) + " took " + duration(totalMs(run.requests)) + ".";
  const computed = cpu.filter(r => r.ok);
  if (computed.length > 0) {
    const kind = kindOf(computed[0]);
    text += " " + capital(count(distinct(computed.map(r => r.thread)).length, kind[0], kind[1])) + " computed"
      + manner(computed).replace(",", "") + ".";
  }
  const called = io.filter(r => r.ok);
  if (called.length > 0) {
    const slow = longest(called);
    text += slow - run.waitMs >= Math.max(NOTICED_MS, HELD_UP * run.waitMs)
      ? " The " + (io.length === 1 ? "call" : "calls") + " beside took up to " + duration(slow) + ": the computing held up those who only wait."
      : " The " + (io.length === 1 ? "call" : "calls") + " beside took " + duration(slow) + ", about as alone.";
  }
  return text;
}

function raced(request) {
  const what = grouped(request.tasks) + " tasks on " + count(request.threads, "thread", "threads");
  return request.lost > 0
    ? what + " raised a counter to " + grouped(request.counted) + ": "
      + grouped(request.lost) + (request.lost === 1 ? " update was lost" : " updates were lost")
    : what + " raised a counter to " + grouped(request.counted) + ", and no update was lost";
}

function race(run) {
  return run.requests.filter(r => r.ok).map(r => (r.safe ? "Safe: " : "") + raced(r) + ".").join(" ");
}

// All about one run, in a few sentences.
export function sentence(run) {
  const about = { race: race, cpu: computing }[run.name] || waits;
  return (about(run) + browser(run.requests) + failures(run) + health(run)).trim();
}

const ARTICLES = { "event loop": "on the event loop", "virtual threads": "on virtual threads", "fixed pool": "on the fixed pool" };

// The same run on several models, in one sentence.
export function comparison(runs) {
  const where = run => ARTICLES[run.model] || "on " + run.model;
  const isServed = run => run.requests.some(r => r.ok);
  const served = runs.filter(isServed);
  const not = runs.filter(run => !isServed(run)).map(where);
  return ((served.length === 0 ? "" : (runs[0].name === "race" ? lostUpdates(served, where) : durations(served, where)))
    + (not.length === 0 ? "" : " No request was answered " + list(not) + ".")).trim();
}

function durations(runs, where) {
  return "The same " + count(runs[0].requests.length, "request", "requests") + " took "
    + list(runs.map(run => duration(totalMs(run.requests)) + " " + where(run))) + ".";
}

function lostUpdates(runs, where) {
  const unsafe = run => run.requests.filter(r => r.ok && !r.safe);
  const lost = run => unsafe(run).reduce((sum, r) => sum + r.lost, 0);
  const tasks = unsafe(runs[0]).reduce((sum, r) => sum + r.tasks, 0);
  return "Of " + grouped(tasks) + " updates " + list(runs.map(run => grouped(lost(run)) + " were lost " + where(run))) + ".";
}

function list(parts) {
  return parts.length < 2 ? parts.join("") : parts.slice(0, -1).join(", ") + " and " + parts[parts.length - 1];
}

// "1,003 ms": what a lane says of its request.
export function lane(request) {
  if (!request.ok) {
    return request.status ? "status " + request.status : "no answer" + (request.isLate ? " in time" : "");
  }
  const waited = waitedMs(request);
  const parts = [];
  if (request.queuedMs >= NOTICED_MS) {
    parts.push("in the browser " + duration(request.queuedMs));
  }
  if (waited >= NOTICED_MS) {
    parts.push("waited " + duration(waited));
  }
  if (request.waitedIn && request.waitedIn.name !== request.thread) {
    parts.push("blocked: " + request.waitedIn.name);
  }
  return parts.join(", ");
}
