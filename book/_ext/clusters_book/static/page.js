// What the bars of a page need: menus that close, a way back to the top, printing.
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
}
