// Sorts, searches, narrows, pages and downloads the tables that ask for it; without it every row is simply there.
// Rows that are not shown are taken out of the page, so that thousands of them cost nothing.

const grouped = (number) => number.toLocaleString("en");

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// Missing values stand last in both directions.
const compare = (a, b, sign) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  const byNumber = Number(a) - Number(b);
  return sign * (Number.isNaN(byNumber) ? (a < b ? -1 : a > b ? 1 : 0) : byNumber);
};

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NAMES = /\b(january|february|march|april|june|july|august|september|october|november|december)\b/g;
const DAY = new RegExp(`\\b0?(\\d{1,2})\\s+(${MONTHS.join("|")})(?:\\s+(\\d{4}))?\\b`, "g");
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
// Dates are found both ways that the page writes them: 2026-11-26 and 26 Nov 2026.
const searchable = (text) =>
  folded(text).replace(/(\d{4})-(\d\d)-(\d\d)/g, (iso, y, m, d) => `${iso} ${Number(d)} ${MONTHS[m - 1]} ${y}`);

// "Harbour, 26 November spin" → "26 nov", "harbour" and "spin", in any order. A number is not sought within another:
// the 26 of 26 November is not that of 2026.
const terms = (sought) => {
  const text = folded(sought).replace(NAMES, (name) => name.slice(0, 3));
  const days = [...text.matchAll(DAY)].map(([, day, month, year]) => [day, month, year].filter(Boolean).join(" "));
  const others = text.replace(DAY, " ").split(/[\s,;]+/).filter(Boolean);
  return [...days, ...others].map((term) => {
    const escaped = term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(/^\d/.test(term) ? `(?<!\\d)${escaped}` : escaped);
  });
};

// A table as data: its rows in their first order, each with the texts of its cells, read once when first needed.
const read = (table) => {
  const rows = [...table.tBodies[0].rows].map((row) => ({ row }));
  const cells = (entry) => (entry.cells ??= [...entry.row.cells].map(plain));
  const text = (entry) => (entry.text ??= searchable(cells(entry).join("\n")));
  const value = (entry, column) => entry.row.cells[column].dataset.value ?? cells(entry)[column];
  return { rows, cells, text, value };
};

const enhance = (table) => {
  const data = read(table);
  const heads = [...table.tHead.rows[0].cells];
  const size = Number(table.dataset.page) || Infinity;
  const bar = element("div", { className: "toolbar" });
  const state = { sought: [], chosen: new Map(), sort: null, page: 0, shown: data.rows };
  const listeners = [];

  const passes = (entry) =>
    state.sought.every((term) => term.test(data.text(entry))) &&
    [...state.chosen].every(([column, text]) => data.cells(entry)[column] === text);

  const draw = () => {
    const first = state.page * size || 0;
    table.tBodies[0].replaceChildren(...state.shown.slice(first, first + size).map((entry) => entry.row));
    listeners.forEach((update) => update());
  };

  const select = () => {
    state.shown = data.rows.filter(passes);
    if (state.sort) {
      const { column, sign } = state.sort;
      const keyed = state.shown.map((entry) => [data.value(entry, column), entry]);
      state.shown = keyed.sort((a, b) => compare(a[0], b[0], sign)).map((pair) => pair[1]);
    }
    state.page = 0;
    draw();
  };

  const clear = () => {
    state.sought = [];
    state.chosen.clear();
    bar.querySelectorAll("input, select").forEach((control) => (control.value = ""));
    select();
  };

  const find = (id) => {
    const entry = data.rows.find(({ row }) => row.id === id);
    if (!entry) return;
    if (!state.shown.includes(entry)) clear();
    state.page = size === Infinity ? 0 : Math.floor(state.shown.indexOf(entry) / size);
    draw();
    document.querySelectorAll(".sought").forEach((row) => row.classList.remove("sought"));
    entry.row.classList.add("sought");
    entry.row.tabIndex = -1;
    entry.row.focus({ preventScroll: true });
    entry.row.scrollIntoView({ block: "center" });
  };

  if ("sortable" in table.dataset) addSorting(heads, state, select);
  if (table.dataset.filter) addSearch(table, bar, data, state, select, listeners);
  if (table.dataset.choose) addChoices(table, bar, heads, data, state, select);
  if (table.dataset.download) addDownload(table, bar, heads, data, state);
  if (size < data.rows.length) addPages(table, bar, size, state, draw, listeners);
  if (bar.hasChildNodes()) table.parentElement.before(bar);
  if (size < data.rows.length) draw();
  return find;
};

const addSorting = (heads, state, select) => {
  heads.forEach((head, column) => {
    if (head.tagName !== "TH") return;
    const button = element("button", { type: "button" }, ...head.childNodes);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      state.sort = { column, sign };
      select();
    });
    head.append(button);
  });
};

const addSearch = (table, bar, data, state, select, listeners) => {
  const input = element("input", { type: "search", autocomplete: "off" });
  const found = element("output");
  input.addEventListener("input", () => {
    state.sought = terms(input.value);
    select();
  });
  listeners.push(() => {
    const narrowed = state.shown.length < data.rows.length;
    const rest = table.dataset.rest ? ` (not searched: ${table.dataset.rest})` : "";
    found.value = narrowed ? `${grouped(state.shown.length)} of ${grouped(data.rows.length)}${rest}` : "";
  });
  bar.append(element("label", { className: "filter" }, `Find in these ${table.dataset.filter} `, input, found));
};

const addChoices = (table, bar, heads, data, state, select) => {
  for (const column of table.dataset.choose.split(",").map(Number)) {
    const texts = [...new Set(data.rows.map((entry) => data.cells(entry)[column]))].sort();
    if (texts.length < 2) continue;
    const chooser = element("select", {}, element("option", { value: "" }, "All"));
    chooser.append(...texts.map((text) => element("option", { value: text }, text || "(none)")));
    chooser.addEventListener("change", () => {
      if (chooser.selectedIndex === 0) state.chosen.delete(column);
      else state.chosen.set(column, texts[chooser.selectedIndex - 1]);
      select();
    });
    bar.append(element("label", { className: "choice" }, `${plain(heads[column])} `, chooser));
  }
};

const addPages = (table, bar, size, state, draw, listeners) => {
  const said = element("span", { className: "paging-said" });
  said.setAttribute("aria-live", "polite");
  const below = table.parentElement.nextElementSibling;
  const printed = below?.matches(".print-only") ? below : element("p", { className: "print-only note" });
  const go = (step, name) => {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      state.page += step;
      draw();
    });
    return button;
  };
  const [before, after] = [go(-1, "Previous"), go(1, "Next")];
  listeners.push(() => {
    const all = state.shown.length;
    const [first, last] = [state.page * size + 1, Math.min(all, (state.page + 1) * size)];
    said.textContent = all ? `${grouped(first)} to ${grouped(last)} of ${grouped(all)}` : "none";
    printed.textContent = all > last - first + 1 ? `Rows ${said.textContent}; the rest is in the file itself.` : "";
    before.disabled = state.page === 0;
    after.disabled = last >= all;
  });
  bar.append(element("span", { className: "paging" }, before, said, after));
  table.parentElement.after(printed);
};

// RFC 4180. A leading apostrophe keeps a spreadsheet from taking a text for a formula.
const csvCell = (text) => {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const addDownload = (table, bar, heads, data, state) => {
  const button = element("button", { type: "button" }, "Download these rows as CSV");
  button.addEventListener("click", () => {
    const columns = heads.flatMap((head, column) => (head.classList.contains("axis") ? [] : [column]));
    const lines = [heads.map(plain), ...state.shown.map(data.cells)];
    const text = lines.map((cells) => columns.map((column) => csvCell(cells[column])).join(",")).join("\r\n");
    const address = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
    element("a", { href: address, download: table.dataset.download }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });
  bar.append(button);
};

const finders = [...document.querySelectorAll("table[data-sortable], table[data-filter]")].map(enhance);
const seek = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  finders.forEach((find) => find(id));
  const target = document.getElementById(id);
  if (target?.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", seek);
// The same link once more changes no address, but its row may be on another page by now.
document.addEventListener("click", (event) => event.target.closest("a[href^='#']") && setTimeout(seek));
if (location.hash) seek();
