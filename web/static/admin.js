// Helps on the administrators' pages; all of them work without it.
"use strict";

(() => {
  const title = document.title.replace(/^\(\d+\) /, "");
  const counted = document.title !== title || document.querySelector("[data-news]") !== null;

  // How many wait, as the server says it.
  let known = null;
  const tell = (count) => {
    for (const badge of document.querySelectorAll("[data-count]")) {
      badge.textContent = String(count);
      badge.hidden = count === 0;
    }
    if (counted) document.title = count > 0 ? `(${count}) ${title}` : title;
    const news = document.querySelector("[data-news]");
    if (news && known !== null && count !== known) news.hidden = false;
    known = count;
  };
  const live = document.body.dataset.live;
  if (live && window.EventSource) {
    const badge = document.querySelector("[data-count]");
    if (badge) known = Number(badge.textContent);
    const source = new EventSource(live);
    source.onmessage = (event) => tell(Number(event.data));
    window.addEventListener("pagehide", () => source.close());
  }

  const form = document.querySelector("form[data-keys]");
  if (!form) return;
  const boxes = () => [...form.querySelectorAll('[name="ids"]')];

  // One box for all of them.
  const all = form.querySelector("[data-all]");
  all.hidden = false;
  const allBox = all.querySelector("input");
  allBox.addEventListener("change", () => {
    for (const box of boxes()) box.checked = allBox.checked;
  });
  form.addEventListener("change", () => {
    allBox.checked = boxes().every((box) => box.checked);
  });

  // Keys, only while the list has the focus (WCAG 2.1.4).
  const help = document.querySelector("[data-keys-help]");
  if (help) help.hidden = false;
  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
    const list = [...form.querySelectorAll("[data-row]")];
    const box = (r) => r && r.querySelector('[name="ids"]');
    const steps = { j: 1, k: -1 };
    if (event.key in steps) {
      box(list[list.indexOf(row) + steps[event.key]])?.focus();
    } else if (event.key === "x") {
      box(row).click();
    } else if (event.key === "o") {
      row.querySelector("h2 a").click();
    } else if (event.key === "a" || event.key === "r") {
      row.querySelector(`[data-act="${event.key}"]`)?.click();
    } else if (!(event.key === "Enter" && event.target.name === "ids")) {
      return;
    }
    event.preventDefault();
  });
})();
