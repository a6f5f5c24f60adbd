// Two clients of one room. The room is the page's fragment: docs/chat#kitchen.
const room = location.hash.slice(1) || "lobby";
document.getElementById("room").textContent = room;

const MAX_SHOWN = 200;

const address = (name) => {
  const url = new URL(`../chat/${encodeURIComponent(room)}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({ name }).toString();
  url.hash = "";
  return url;
};

const names = (some) => some.names.join(", ") + (some.count > some.names.length ? `, ${some.count - some.names.length} more` : "");

const line = (told) => {
  const item = document.createElement("li");
  const small = document.createElement("small");
  if (told.type === "message") {
    const from = document.createElement("strong");
    from.textContent = `${told.from}: `;
    item.append(from, told.text, small);
    small.textContent = `#${told.seq} ${told.at.slice(11, 23)} by ${told.thread} (${told.threadKind})`;
    return item;
  }
  item.className = "presence";
  const parts = [];
  if (told.joined.count > 0) parts.push(`${names(told.joined)} joined`);
  if (told.left.count > 0) parts.push(`${names(told.left)} left`);
  item.append(`${parts.join("; ")}; ${told.members} here`, small);
  small.textContent = `#${told.seq}`;
  return item;
};

const column = (defaultName) => {
  const section = document.getElementById("column").content.cloneNode(true).querySelector("section");
  const join = section.querySelector(".join");
  const say = section.querySelector(".say");
  const list = section.querySelector(".messages");
  const state = section.querySelector(".state");
  const button = join.querySelector("button");
  let socket = null;
  join.elements.name.value = defaultName;

  const show = (text, bad) => {
    state.textContent = text;
    state.classList.toggle("bad", bad);
    const open = socket !== null && socket.readyState === WebSocket.OPEN;
    say.querySelector("input").disabled = !open;
    say.querySelector("button").disabled = !open;
    join.elements.name.disabled = socket !== null;
    button.textContent = socket === null ? "Join" : "Leave";
  };

  const connect = () => {
    const opening = new WebSocket(address(join.elements.name.value));
    socket = opening;
    show("connecting", false);
    opening.onopen = () => {
      list.replaceChildren();
      show("connected", false);
    };
    opening.onmessage = (event) => {
      const follows = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
      list.append(line(JSON.parse(event.data)));
      while (list.children.length > MAX_SHOWN) list.firstChild.remove();
      if (follows) list.scrollTop = list.scrollHeight;
    };
    opening.onclose = (event) => {
      socket = null;
      const why = event.reason === "" ? "" : `: ${event.reason}`;
      show(`closed with ${event.code}${why}`, event.code !== 1000);
    };
  };

  join.addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket === null) {
      connect();
    } else {
      socket.close(1000);
    }
  });
  say.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = say.elements.text.value;
    if (text !== "" && socket !== null) {
      socket.send(text);
      say.elements.text.value = "";
    }
  });
  document.getElementById("columns").append(section);
};

column("ada");
column("grace");
