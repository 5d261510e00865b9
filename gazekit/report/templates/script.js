"use strict";
const sortKey = (text) => (/^-?[\d,]+(\.\d+)?$/.test(text) ? Number(text.replaceAll(",", "")) : text);
const inOrder = (rows, keyOf, up) => {
  const keyed = rows.map((row) => [keyOf(row), row]);
  keyed.sort(([x], [y]) => {
    if (x === "" || y === "") return x === y ? 0 : x === "" ? 1 : -1;
    const order = isNaN(x) || isNaN(y) ? String(x).localeCompare(String(y)) : x - y;
    return up ? order : -order;
  });
  return keyed.map(([, row]) => row);
};
const makeSortable = (table, sort) => {
  const heads = Array.from(table.querySelectorAll("thead th"));
  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(index, up);
    });
  });
};
document.querySelectorAll("table.sortable").forEach((table) => {
  if (table.closest("[data-long]")) return;
  const body = table.tBodies[0];
  makeSortable(table, (index, up) => {
    const keyOf = ({ cells }) => cells[index].dataset.sort ?? sortKey(cells[index].textContent.trim());
    body.append(...inOrder(Array.from(body.rows), keyOf, up));
  });
});
document.querySelectorAll("[data-long]").forEach((box) => {
  const table = box.querySelector("table");
  const heads = Array.from(table.querySelectorAll("thead th"));
  const most = Number(box.dataset.rows);
  const all = JSON.parse(box.querySelector("script").textContent);
  const counted = (count) => count.toLocaleString("en");
  // A cell is its text, or [text, what it is sorted by, tone]; null is an absent value.
  const text = (cell) => (cell === null ? "\u2013" : Array.isArray(cell) ? cell[0] : cell);
  const key = (cell) => (cell === null ? "" : (Array.isArray(cell) ? cell[1] : null) ?? sortKey(text(cell)));
  const tone = (cell) => (cell === null ? "quiet" : (Array.isArray(cell) && cell[2]) || "");
  let order = all;
  let found = all;
  let page = 0;
  const drawn = (row) => {
    const line = document.createElement("tr");
    row.forEach((cell, index) => {
      const made = line.insertCell();
      made.className = `${heads[index].className} ${tone(cell)}`.trim();
      const target = Array.isArray(cell) ? cell[3] : null;
      const holder = target ? made.appendChild(document.createElement("a")) : made;
      if (target) holder.href = target;
      holder.textContent = text(cell);
    });
    return line;
  };
  const show = (wanted) => {
    page = Math.max(0, Math.min(wanted, Math.ceil(found.length / most) - 1));
    const [first, last] = [page * most, Math.min((page + 1) * most, found.length)];
    table.tBodies[0].replaceChildren(...found.slice(first, last).map(drawn));
    const rows = `Rows ${counted(first + 1)} to ${counted(last)} of ${counted(found.length)}`;
    const fitting = found.length < all.length ? ` that fit, of ${counted(all.length)} rows` : "";
    const said = found.length ? `${rows}${fitting}.` : `None of ${counted(all.length)} rows fits.`;
    box.querySelector("[role=status]").textContent = said + box.dataset.whole;
    box.querySelectorAll("[data-to]").forEach((button) => {
      const ends = ["first", "before"].includes(button.dataset.to) ? page === 0 : last === found.length;
      button.setAttribute("aria-disabled", String(ends));
    });
    table.parentElement.scrollTop = 0;
  };
  const places = { first: () => 0, before: () => page - 1, after: () => page + 1, last: () => Infinity };
  box.querySelectorAll("[data-to]").forEach((button) => {
    button.addEventListener("click", () => show(places[button.dataset.to]()));
  });
  const filter = box.querySelector("[data-filter]");
  const seek = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => {
      const line = row.map(text).join("\n").toLowerCase();
      return words.every((word) => line.includes(word));
    };
    found = words.length ? order.filter(fits) : order;
    show(0);
  };
  filter.addEventListener("input", seek);
  makeSortable(table, (index, up) => {
    order = inOrder(all, (row) => key(row[index]), up);
    seek();
  });
  box.querySelector(".turn").hidden = false;
});
document.querySelectorAll("[data-tabs]").forEach((box) => {
  const tabs = Array.from(box.querySelectorAll("[role=tab]"));
  const panels = Array.from(box.querySelectorAll("[role=tabpanel]"));
  const show = (chosen) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => show(i));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (i + step + tabs.length) % tabs.length;
      show(next);
      tabs[next].focus();
    });
  });
  box.classList.add("live");
  show(0);
});
document.querySelectorAll("[data-scheme-switch]").forEach((button) => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.scheme ?? (system.matches ? "dark" : "light")) === "dark";
  const say = () => { button.textContent = dark() ? "Use light colours" : "Use dark colours"; };
  button.addEventListener("click", () => {
    root.dataset.scheme = dark() ? "light" : "dark";
    say();
  });
  system.addEventListener("change", say);
  button.hidden = false;
  say();
});
