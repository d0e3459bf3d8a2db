"use strict";
const plain = (node) => node.textContent.replace(/[\u00a0\u2009\u202f]/g, " ").replace(/\s+/g, " ").trim();

// A table that is wider than the page gives up its drawings (tight). If it still is, its rows become cards (stacked),
// each cell below the name of its column. Elements that are drawn as blocks lose the meaning that they have in a table,
// so the roles say it.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };

const label = (table) => {
  const names = [...table.tHead.rows[0].cells].map((head) => {
    const marks = [...head.querySelectorAll("svg text")].map(plain);
    return marks.length ? marks.join(" to ") : plain(head);
  });
  for (const row of table.rows) {
    // A row whose first heads are those of a row above has its cells at the end.
    const offset = names.length - row.cells.length;
    [...row.cells].forEach((cell, at) => {
      if (cell.tagName === "TD" && names[at + offset]) cell.dataset.label = names[at + offset];
      cell.setAttribute("role", ROLES[cell.tagName] ?? (cell.scope === "col" ? "columnheader" : "rowheader"));
    });
    row.setAttribute("role", "row");
  }
  [table, table.tHead, ...table.tBodies, table.tFoot].forEach((part) => part?.setAttribute("role", ROLES[part.tagName]));
};

const stack = (box) => {
  const table = box.querySelector("table");
  table.classList.remove("tight", "stacked");
  for (const form of ["tight", "stacked"]) table.classList.toggle(form, box.scrollWidth > box.clientWidth);
};

const boxes = [...document.querySelectorAll(".scroll:has(> table > thead)")];
boxes.forEach((box) => label(box.querySelector("table")));
const widths = new Map();
// Its height changes with the cards themselves, so only another width is a reason to measure again.
const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (widths.get(target) !== contentRect.width) stack(target);
    widths.set(target, contentRect.width);
  }
});
boxes.forEach((box) => watcher.observe(box));

