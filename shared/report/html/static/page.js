"use strict";
// Everything here is a convenience: without it, the page says the same.
for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // No clipboard on plain http: select it, so that one key copies.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
const units = [["day", 86400], ["h", 3600], ["min", 60]];
for (const time of document.querySelectorAll("time[data-ago]")) {
  const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) || ["s", 1];
  const count = Math.trunc(Math.abs(seconds) / size);
  const name = unit === "day" && count !== 1 ? "days" : unit;
  time.title = time.textContent;
  time.textContent = seconds < 0 ? `in ${count} ${name}` : `${count} ${name} ago`;
}
const shown = location.hash && document.getElementById(location.hash.slice(1));
for (let within = shown; within; within = within.parentElement) {
  if (within.tagName === "DETAILS") within.open = true;
}
if (shown) shown.scrollIntoView();
const filter = document.getElementById("filter");
if (filter) {
  filter.closest("p").hidden = false;
  const rows = [...document.querySelectorAll("table.fleet tbody tr")].map((row) => [row, row.textContent.toLowerCase()]);
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      found += row.hidden ? 0 : 1;
    }
    document.getElementById("found").textContent = words.length ? `${found} of ${rows.length}` : "";
  });
}
