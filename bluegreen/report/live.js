
// The page's parts come as events; each that came replaces what stood in its place.
(() => {
const at = (id) => document.getElementById(id);
const look = {renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: {disableDefaultStyle: true}};
const token = new URLSearchParams(location.search).get("token") || "";
const living = at("living"), form = at("ask");
const service = document.title;
let over = "", trouble = "", view = null, wanted = null, drawing = false, pointer = null;

const events = new EventSource("events" + location.search);
events.addEventListener("parts", (event) => show(JSON.parse(event.data)));
events.onopen = () => say(trouble || "Live.");
events.onerror = () => {
  if (over) return;
  say(events.readyState === EventSource.CLOSED
    ? "This page is not served any more. What it shows is old."
    : "The connection is lost; trying again. What is shown is old.");
};

function show(parts) {
  for (const id of ["head", "now", "tiles", "caption", "rest"]) if (id in parts) at(id).innerHTML = parts[id];
  if ("story" in parts) tell(parts.story);
  if ("spec" in parts) draw(parts.spec);
  if ("trouble" in parts) trouble = parts.trouble;
  if ("over" in parts) over = parts.over;
  if ("state" in parts) stand(parts.state);
  say(over || trouble || "Live.");
  if (over) close();
}

function say(words) {
  at("state").textContent = words;
  at("state").className = over ? "over" : words === "Live." ? "fine" : "stale";
}

function stand(state) {
  document.title = `${state.stage}: ${service}`;
  for (const button of form?.querySelectorAll("button") || []) {
    button.disabled = Boolean(state.end) || (button.value === "pause" && state.paused) || (button.value === "resume" && !state.paused);
  }
}

function close() {
  events.close();
  form?.remove();
}

// -- the story: newest on top while it is lived; rows that did not change stay as they are, opened or not ----------

let told = [];

function tell(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const rows = [...fresh.content.querySelectorAll("tbody tr")], texts = rows.map((row) => row.outerHTML);
  const body = at("story").querySelector("tbody");
  if (!body) {
    at("story").replaceChildren(fresh.content);
    at("story").querySelector("tbody").append(...rows.reverse());
  } else {
    while (body.children.length > rows.length) body.firstElementChild.remove();
    rows.forEach((row, index) => {
      const old = body.children[body.children.length - 1 - index];
      if (!old) body.prepend(row);
      else if (told[index] !== texts[index]) {
        if (old.querySelector("details[open]")) row.querySelector("details")?.setAttribute("open", "");
        old.replaceWith(row);
      }
    });
  }
  told = texts;
}

// -- the picture: drawn aside, then put in the place of the one before; the newest wins ------------------------------

async function draw(spec) {
  wanted = spec;
  if (drawing) return;
  drawing = true;
  while (wanted) {
    const next = document.createElement("div"), now = wanted;
    wanted = null;
    const made = await vegaEmbed(next, now, look);
    living.replaceChildren(next);
    view?.finalize();
    view = made;
    point();
  }
  drawing = false;
}

living.addEventListener("pointermove", (event) => { if (event.isTrusted) pointer = [event.clientX, event.clientY]; });
living.addEventListener("pointerleave", () => { pointer = null; });

// A new picture does not know where the pointer rests.
function point() {
  at("vg-tooltip-element")?.classList.remove("visible");
  if (!pointer) return;
  const [clientX, clientY] = pointer, target = document.elementFromPoint(clientX, clientY);
  for (const kind of ["pointerover", "pointermove"]) {
    target?.dispatchEvent(new PointerEvent(kind, {clientX, clientY, bubbles: true}));
  }
}

// -- what operators say ------------------------------------------------------------------------------------------------

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const verb = event.submitter.value, answer = at("answer");
  const headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token};
  const body = JSON.stringify({verb, who: form.who.value, why: form.why.value});
  try {
    const got = await fetch("ask", {method: "POST", headers, body});
    const text = await got.text();
    answer.textContent = got.headers.get("content-type") === "application/json" ? JSON.parse(text).words : text;
    answer.className = got.ok ? "" : "bad";
    if (got.ok) form.why.value = "";
  } catch (error) {
    answer.textContent = `nobody knows whether it was sent: ${error.message}`;
    answer.className = "bad";
  }
});
})();
