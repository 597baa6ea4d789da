// What a page needs beside the theme's script: menus that close, a way back to the top,
// printing, and boxes that scroll sideways within reach of the keyboard.
{
  const menus = [...document.querySelectorAll("details.dropdown")];
  document.addEventListener("click", ({ target }) => {
    for (const menu of menus) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", ({ key }) => {
    const open = key === "Escape" && menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
  const back = document.getElementById("pst-back-to-top");
  let last = 0;
  const show = () => {
    back.classList.toggle("shown", scrollY < last && scrollY > innerHeight);
    last = scrollY;
  };
  if (back) {
    addEventListener("scroll", show, { passive: true });
    back.addEventListener("click", () => scrollTo(0, 0));
  }
  // All at once would keep the reader from scrolling; see the style sheet.
  const late = ".bd-article > section > section, section[id^='table-']";
  const parts = [...document.querySelectorAll(late)];
  // The menu keeps its place from page to page: the page one is on may be out of sight.
  const showWhere = () => {
    if (!matchMedia("(width >= 992px)").matches) return; // there it is a drawer
    const side = document.getElementById("pst-primary-sidebar");
    const here = [...(side?.querySelectorAll("li.current > a") ?? [])].pop();
    const { top, bottom } = here?.getBoundingClientRect() ?? {};
    if (top < 0 || bottom > innerHeight) side.scrollTop += top - innerHeight / 2;
  };
  const idle = window.requestIdleCallback || setTimeout; // Safari has none
  const layOut = (deadline) => {
    while (parts.length) {
      parts[0].classList.add("laid-out");
      parts.shift().getBoundingClientRect(); // lays it out now
      if (!(deadline?.timeRemaining() > 20)) break;
    }
    if (parts.length) idle(layOut);
  };
  if (location.hash) for (const part of parts) part.classList.add("laid-out"); // none may grow above it
  addEventListener("load", () => idle(() => { showWhere(); layOut(); }));
  // Boxes are measured once they are laid out, which those in a closed fold are not.
  const boxes = "pre, .cell_output > .output, .pst-scrollable-table-container";
  const reach = new IntersectionObserver((seen) => {
    const shown = seen.filter(({ isIntersecting }) => isIntersecting).map((one) => one.target);
    const scrolls = shown.map(
      (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight,
    );
    shown.forEach((box, number) => {
      if (scrolls[number]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }, { rootMargin: "1000000px" });
  for (const box of document.querySelectorAll(boxes)) reach.observe(box);
}
