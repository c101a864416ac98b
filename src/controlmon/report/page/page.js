"use strict";
(() => {
  const PAGE = 200;
  const WORDS = { p: "pass", f: "fail", u: "unknown", n: "not applicable" };
  const number = (n) => n.toLocaleString("en-US");
  const byId = (id) => document.getElementById(id);
  const held = (id) => JSON.parse(byId(id).textContent);
  document.documentElement.classList.add("js");

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // The controls that are shown: those that a word and a conclusion leave.
  const controls = [...document.querySelectorAll("#controls details.control")];
  const search = byId("filter-text");
  const picks = [...document.querySelectorAll(".filter-conclusion")];
  const texts = new Map();
  const textOf = (one) => {
    if (!texts.has(one)) {
      const parts = [one.querySelector(".title"), ...one.querySelectorAll(".promise, .tests, .named, .frameworks")];
      texts.set(one, parts.map((part) => (part ? part.textContent : "")).join(" ").toLowerCase());
    }
    return texts.get(one);
  };
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(picks.filter((pick) => pick.checked).map((pick) => pick.value));
    let shown = 0;
    for (const one of controls) {
      one.hidden = !wanted.has(one.dataset.conclusion) || !words.every((word) => textOf(one).includes(word));
      shown += !one.hidden;
    }
    for (const category of document.querySelectorAll(".category")) {
      category.hidden = !category.querySelector("details.control:not([hidden])");
    }
    byId("filter-count").textContent = `${number(shown)} of ${number(controls.length)} controls shown`;
  }
  search.addEventListener("input", filter);
  picks.forEach((pick) => pick.addEventListener("change", filter));
  byId("open-all").addEventListener("click", () => controls.forEach((one) => { one.open = !one.hidden; }));
  byId("close-all").addEventListener("click", () => controls.forEach((one) => { one.open = false; }));
  filter();

  // A link opens what it leads to, even if the filter hides it.
  function reveal() {
    let target = null;
    try { target = byId(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target || target.tagName !== "DETAILS") return;
    if (target.hidden) {
      search.value = "";
      picks.forEach((pick) => { pick.checked = true; });
      filter();
    }
    target.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) reveal();
  });
  reveal();

  // Print shows everything, and leaves it as it was.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));

  // The deviations that were not written out.
  const SVG = "http://www.w3.org/2000/svg";
  function drawn(x, width) {
    const svg = document.createElementNS(SVG, "svg");
    const rect = (name, at, wide) => {
      const one = document.createElementNS(SVG, "rect");
      for (const [key, value] of Object.entries({ class: name, x: at, width: wide, height: 8 })) one.setAttribute(key, value);
      return one;
    };
    for (const [key, value] of Object.entries({ class: "bar", viewBox: "0 0 1000 8", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
    svg.append(rect("track", 0, 1000), rect("span", x, width));
    return svg;
  }
  const deviation = (one) => make("li", { class: one.open ? "deviation open" : "deviation" },
    make("p", { class: "who" }, make("span", { class: `severity ${one.severity}` }, one.severity), " ", make("bdi", { class: "name" }, one.name), " ",
      make("a", { class: "quiet", href: `#check-${one.check}` }, one.check)),
    make("p", { class: "why" }, make("bdi", null, one.reason)),
    drawn(...one.bar),
    make("p", { class: "when" }, one.when),
    make("p", { class: "id" }, make("bdi", null, one.subject), " ", make("span", null, one.scope)),
    ...one.responses.map((said) => make("p", { class: "response" }, make("bdi", null, said))));
  const rest = byId("rest") ? held("rest") : { of: {}, held: {} };
  for (const button of document.querySelectorAll(".more-deviations")) {
    const left = rest.of[button.dataset.of];
    button.addEventListener("click", () => {
      byId(`${button.dataset.of}-deviations`).append(...left.splice(0, PAGE).map((id) => deviation(rest.held[id])));
      button.nextElementSibling.hidden = true;
      if (left.length) button.textContent = `Show more of the other ${number(left.length)}`;
      else button.remove();
    });
  }

  // The subjects of a population, a page at a time. The rows are read when it is first opened.
  function explore(box) {
    const rows = held(box.dataset.rows);
    const name = (i) => (typeof rows.names[i] === "number" ? rows.ids[i].slice(rows.ids[i].length - rows.names[i]) : rows.names[i]);
    const says = (i, letter) => rows.checks.filter(([, said]) => said[i] === letter);
    const keeps = {
      "all": () => true,
      "failed": (i) => says(i, "f").length > 0,
      "unknown": (i) => says(i, "u").length > 0,
      "judged by no check": (i) => says(i, "-").length === rows.checks.length,
      "arrived in the period": (i) => rows.marks[i] === "a",
      "left in the period": (i) => rows.marks[i] === "r",
    };
    const text = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const pick = make("select", null, ...Object.keys(keeps).map((key) => make("option", null, key)));
    const status = make("span", { role: "status" });
    const back = make("button", { type: "button" }, "Previous");
    const on = make("button", { type: "button" }, "Next");
    const body = make("tbody");
    const head = ["Subject", "Where, when", "At last"].map((title) => make("th", { scope: "col" }, title));
    const table = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Subjects of ${box.dataset.name}` },
      make("table", null, make("thead", null, make("tr", null, ...head)), body));
    let found = [];
    let start = 0;

    function said(i) {
      const cell = make("td");
      for (const letter of "fu") {
        for (const [check] of says(i, letter)) {
          cell.append(make("span", { class: `say ${WORDS[letter]}` }, make("b", null, WORDS[letter]), " ", make("a", { href: `#check-${check}` }, check)));
        }
      }
      const calm = ["p", "n"].map((letter) => [says(i, letter), WORDS[letter]]).filter(([some]) => some.length);
      for (const [some, word] of calm) {
        cell.append(make("span", { class: "say", title: some.map(([check]) => check).join("\n") }, `${some.length} ${word}`));
      }
      if (!cell.childNodes.length) cell.append(make("span", { class: "quiet" }, "judged by no check"));
      return cell;
    }
    const present = { "-": "throughout", "a": "since it arrived", "r": "until it left" };
    function draw() {
      body.replaceChildren(...found.slice(start, start + PAGE).map((i) => make("tr", null,
        make("td", null, make("bdi", null, name(i)), make("span", null, make("bdi", null, rows.ids[i]))),
        make("td", null, rows.regions[rows.region[i]], make("span", null, present[rows.marks[i]])),
        said(i))));
      const last = Math.min(start + PAGE, found.length);
      status.textContent = found.length ? `${number(start + 1)} to ${number(last)} of ${number(found.length)}` : "none found";
      if (found.length < rows.ids.length) status.textContent += ` (${number(rows.ids.length)} in all)`;
      back.disabled = start === 0;
      on.disabled = last >= found.length;
    }
    function seek() {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const keep = keeps[pick.value];
      found = [];
      for (let i = 0; i < rows.ids.length; i += 1) {
        const low = words.length ? `${name(i)} ${rows.ids[i]}`.toLowerCase() : "";
        if (words.every((word) => low.includes(word)) && keep(i)) found.push(i);
      }
      start = 0;
      draw();
    }
    text.addEventListener("input", seek);
    pick.addEventListener("change", seek);
    back.addEventListener("click", () => { start -= PAGE; draw(); });
    on.addEventListener("click", () => { start += PAGE; draw(); });
    box.append(make("div", { class: "tools" }, make("label", null, "Search subjects", text), make("label", null, "Show", pick)),
      make("div", { class: "pager" }, back, on, status), table);
    seek();
  }
  for (const box of document.querySelectorAll(".explorer")) {
    const population = box.closest("details");
    const once = () => {
      if (!population.open || box.childNodes.length) return;
      explore(box);
    };
    population.addEventListener("toggle", once);
    once();
  }
})();
