// Draws what a reader chooses: dots with intervals, from the numbers in the page.
// Without this script the figure of the first choice stands there, and no choice.
{
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 520; // from this width on, names stand beside their lines
  const add = (parent, kind, marks, text) => {
    const made = document.createElementNS(SVG, kind);
    for (const [name, value] of Object.entries(marks)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return parent.appendChild(made);
  };
  const step = (most) => {
    const power = 10 ** Math.floor(Math.log10(most / 4));
    return power * [1, 2, 5, 10].find((times) => most / (power * times) <= 6);
  };
  const draw = (svg, choice, width) => {
    const wide = width >= WIDE;
    const left = wide ? 230 : 8, right = width - 48, top = 26, row = wide ? 27 : 42;
    const bottom = top + choice.rows.length * row;
    const at = (value) => left + (value / choice.most) * (right - left);
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 48}`);
    svg.setAttribute("aria-label", `Dots with intervals. ${choice.axis}. ${choice.said}`);
    const middle = (number) => top + (number + (wide ? 0.5 : 0.72)) * row;
    const upright = (name, x, from) => { // where names stand above, beside the dots only
      const parts = wide ? [[from, bottom]] : choice.rows.map((_, n) => [middle(n) - 7, middle(n) + 7]);
      for (const [y1, y2] of parts) add(svg, "line", { class: name, x1: x, x2: x, y1, y2 });
    };
    const space = step(choice.most);
    for (let value = 0; value <= choice.most; value += space) {
      const x = at(value);
      upright("rule", x, top);
      add(svg, "text", { class: "tick middle", x, y: bottom + 17 }, +value.toFixed(6));
    }
    add(svg, "text", { class: "tick", x: wide ? left : 0, y: bottom + 39 }, choice.axis);
    if (choice.mark !== null) {
      const x = at(choice.mark);
      upright("mark", x, top - 6);
      add(svg, "text", { class: "tick middle", x, y: top - 11 }, choice.mark);
    }
    choice.rows.forEach((found, number) => {
      const y = middle(number);
      const group = add(svg, "g", { class: found.new ? "row new" : "row" });
      const name = `${number + 1}. ${found.name}`;
      add(group, "text", { class: "name", x: 0, y: wide ? y + 5 : y - 12 }, name);
      const span = { class: "span", x1: at(found.low), x2: at(found.high), y1: y, y2: y };
      add(group, "line", span);
      add(group, "circle", { class: "dot", cx: at(found.value), cy: y, r: 3.5 });
      const value = found.value.toFixed(choice.digits);
      add(group, "text", { class: "value end", x: width, y: y + 5 }, value);
    });
  };
  for (const box of document.querySelectorAll(".switch")) {
    const choices = JSON.parse(box.querySelector("script").textContent);
    const picture = document.getElementById(box.dataset.figure).querySelector("img");
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "switch-drawn");
    svg.setAttribute("role", "img");
    const show = () => {
      const choice = choices[box.querySelector("input:checked").value];
      const said = box.querySelector("[role=status]");
      if (said.textContent !== choice.said) said.textContent = choice.said;
      draw(svg, choice, Math.round(svg.getBoundingClientRect().width));
    };
    picture.loading = "eager"; // it is printed in place of the drawing
    picture.classList.add("redrawn");
    picture.after(svg);
    box.hidden = false;
    box.addEventListener("change", show);
    let width = 0;
    new ResizeObserver(([seen]) => {
      if (seen.contentRect.width !== width) {
        width = seen.contentRect.width;
        if (width) show();
      }
    }).observe(svg);
  }
}
