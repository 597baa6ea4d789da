// Lets a reader choose which rows of a table are shown, by what their classes say: cases by
// place, kind or actor, exercises by level, skill or part. Without this script all are shown.
{
  const filters = {
    "case-matrix": ["cases", { place: "Place", kind: "Kind", actor: "Who drove it" }],
    "exercise-list": ["exercises", { level: "Level", skill: "Skill", part: "Part" }],
  };
  for (const [kind, [rowsAre, choices]] of Object.entries(filters)) {
    const table = document.querySelector(`table.${kind}`);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows];
    const form = document.createElement("form");
    form.className = "table-filter";
    const selects = Object.entries(choices).map(([prefix, name]) => {
      const label = document.createElement("label");
      const select = document.createElement("select");
      const found = new Set(
        rows.flatMap((row) => [...row.classList].filter((one) => one.startsWith(`${prefix}-`))),
      );
      select.add(new Option("all", ""));
      for (const one of [...found].sort()) {
        select.add(new Option(one.slice(prefix.length + 1).replaceAll("-", " "), one));
      }
      label.append(`${name} `, select);
      form.append(label);
      return select;
    });
    const count = document.createElement("p");
    count.className = "filter-count";
    count.setAttribute("role", "status");
    const show = () => {
      let shown = 0;
      for (const row of rows) {
        row.hidden = !selects.every(({ value }) => !value || row.classList.contains(value));
        shown += !row.hidden;
      }
      count.textContent = `${shown} of ${rows.length} ${rowsAre}`;
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", show);
    (table.closest(".pst-scrollable-table-container") ?? table).before(form, count);
    show();
  }
}
