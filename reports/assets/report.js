"use strict";
// Adds sorting and a text filter to tables that ask for them; without it the page is whole.

const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent.trim();
};

// Missing values stand last in both directions.
const compare = (a, b, sign) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  const byNumber = Number(a) - Number(b);
  return sign * (Number.isNaN(byNumber) ? a.localeCompare(b, "en") : byNumber);
};

const sortBy = (table, header, sign) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => compare(valueOf(a, header.cellIndex), valueOf(b, header.cellIndex), sign));
  body.append(...rows);
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
};

const makeSortable = (table) => {
  for (const header of table.tHead.querySelectorAll("th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, header, header.getAttribute("aria-sort") === "ascending" ? -1 : 1));
    header.append(button);
  }
};

const makeFilterable = (table) => {
  const names = table.dataset.filter;
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("output");
  label.className = "filter";
  label.append(`Find in these ${names} `, input, found);
  input.type = "search";
  input.autocomplete = "off";
  input.addEventListener("input", () => {
    const sought = input.value.trim().toLowerCase();
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(sought);
    found.value = sought ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
  });
  table.parentElement.before(label);
};

document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
document.querySelectorAll("table[data-filter]").forEach(makeFilterable);
