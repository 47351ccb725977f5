// The page: joins, shows what the room tells, and comes back by itself when the connection is lost.
"use strict";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const MOST_ITEMS = 500;
// The room did not like what this page said; to say it again would not help.
const FINAL_CODES = new Set([1003, 1008, 1009]);

const [state, peopleLine, messages, joinForm, nameInput, sayForm, textInput] =
  ["state", "people", "messages", "join", "name", "say", "text"].map((id) => document.getElementById(id));

let socket = null;
let ownName = "";
let people = [];
let waitMs = FIRST_WAIT_MS;

const told = {
  welcome({ name, people: present, history }) {
    ownName = name;
    people = present;
    waitMs = FIRST_WAIT_MS;
    messages.replaceChildren(...history.map(messageItem));
    notice(`You are ${name}.`);
    showState("here", "connected");
  },
  joined({ name }) {
    people.push(name);
    notice(`${name} joined.`);
  },
  left({ name }) {
    people = people.filter((other) => other !== name);
    notice(`${name} left.`);
  },
  said(message) {
    append(messageItem(message));
  },
};

joinForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = nameInput.value.trim();
  if (name) {
    sessionStorage.setItem("name", name);
    connect();
  }
});

sayForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = textInput.value.trim();
  if (text && socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ say: text }));
    textInput.value = "";
  }
});

function connect() {
  const address = new URL("chat", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  showState("away", "connecting");
  socket.addEventListener("open", () => socket.send(JSON.stringify({ join: sessionStorage.getItem("name") })));
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  socket.addEventListener("close", ({ code, reason }) => (FINAL_CODES.has(code) ? giveUp(reason) : comeBack(reason)));
}

function hear(event) {
  told[event.kind](event);
  peopleLine.textContent = people.length > 1 ? `${people.length} here: ${people.join(", ")}` : "nobody else is here";
}

function comeBack(reason) {
  showState("lost", reason || "reconnecting");
  setTimeout(connect, waitMs * (0.5 + Math.random()));
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
}

function giveUp(reason) {
  sessionStorage.removeItem("name");
  showState("lost", reason);
}

function showState(kind, text) {
  const joined = sessionStorage.getItem("name") !== null;
  state.dataset.state = kind;
  state.textContent = text;
  joinForm.hidden = joined;
  sayForm.hidden = !joined;
  sayForm.querySelector("button").disabled = kind !== "here";
  (joined ? textInput : nameInput).focus();
}

function messageItem({ name, text, at }) {
  const item = element("li", name === ownName ? "said own" : "said");
  const head = element("small");
  const time = new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  head.append(element("b", "", name), ` ${time}`);
  head.style.setProperty("--hue", hueOf(name));
  const body = element("p", "", text);
  body.dir = "auto";
  item.append(head, body);
  return item;
}

function notice(text) {
  append(element("li", "notice", text));
}

function append(item) {
  messages.append(item);
  if (messages.childElementCount > MOST_ITEMS) {
    messages.firstElementChild.remove();
  }
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// The same name has the same colour in every tab.
function hueOf(name) {
  return [...name].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 360, 7);
}

if (sessionStorage.getItem("name") !== null) {
  connect();
}
