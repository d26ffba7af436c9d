"use strict";
(() => {
  const [find, query, group, clear, count, none] = ["find", "query", "group", "clear", "count", "none"]
    .map((id) => document.getElementById(id));
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const isOn = (chip) => chip.getAttribute("aria-pressed") === "true";
  const turn = (chip, on) => chip.setAttribute("aria-pressed", String(on));
  const checks = all(".check").map((row) => ({
    row, status: row.dataset.status, group: row.dataset.group, text: row.textContent.toLowerCase(),
  }));
  const boxes = all(".group");
  const chips = all(".counts .chip").map((label) => { // a chip can be pressed only where this runs
    const chip = document.createElement("button");
    [chip.type, chip.className] = ["button", label.className];
    chip.append(...label.childNodes);
    label.replaceWith(chip);
    turn(chip, false);
    chip.addEventListener("click", () => { turn(chip, !isOn(chip)); filter(); });
    return { chip, status: chip.parentNode.dataset.status };
  });
  const chosen = () => chips.filter((each) => isOn(each.chip)).map((each) => each.status);
  function show() {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = chosen();
    let shown = 0;
    for (const check of checks) {
      const fits = (!statuses.length || statuses.includes(check.status))
        && (!group.value || group.value === check.group)
        && words.every((word) => check.text.includes(word));
      check.row.hidden = !fits;
      shown += fits;
    }
    for (const box of boxes) box.hidden = !box.querySelector(".check:not([hidden])");
    const active = words.length > 0 || statuses.length > 0 || group.value !== "";
    for (const part of all(".whole")) part.hidden = active;
    count.textContent = `${shown} of ${checks.length} shown`;
    clear.hidden = !active;
    none.hidden = shown > 0;
  }
  function filter() {
    show();
    const state = new URLSearchParams();
    if (query.value.trim()) state.set("q", query.value.trim());
    if (chosen().length) state.set("status", chosen().join(","));
    if (group.value) state.set("group", group.value);
    history.replaceState(null, "", String(state) ? `#${state}` : location.pathname + location.search);
  }
  function set(state) {
    query.value = state.get("q") || "";
    group.value = state.get("group") || "";
    if (group.selectedIndex < 0) group.value = "";
    const statuses = (state.get("status") || "").split(",");
    for (const { chip, status } of chips) turn(chip, statuses.includes(status));
    show();
  }
  function follow() { // the hash is a search, or leads to a part of the page, which must be visible
    const hash = location.hash.slice(1);
    const target = hash && document.getElementById(hash);
    if (!target || target.closest("[hidden]")) set(new URLSearchParams(target ? "" : hash));
    if (!target) return;
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  }
  for (const command of all(".command")) {
    const button = document.createElement("button"), text = command.querySelector("pre");
    [button.type, button.className, button.textContent] = ["button", "copy", "Copy"];
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch { // not everywhere is one allowed to: at least it is selected
        getSelection().selectAllChildren(text);
        button.textContent = "Selected";
      }
    });
    command.append(button);
  }
  let waiting = 0, opened = [];
  const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(filter); };
  query.addEventListener("input", soon);
  group.addEventListener("change", filter);
  clear.addEventListener("click", () => { set(new URLSearchParams()); filter(); query.focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== query && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && event.target === query) {
      query.value = "";
      filter();
    }
  });
  const unfold = (on) => { for (const part of opened) part.open = on; };
  addEventListener("beforeprint", () => { opened = all("details:not([open])"); unfold(true); });
  addEventListener("afterprint", () => unfold(false));
  addEventListener("hashchange", follow);
  [find.hidden, query.value, group.value] = [false, "", ""]; // nothing left of the last visit
  follow();
})();
