// The button that hides all code, in the header of pages with code. What the reader chose
// holds for every page; the head of each page has acted on it already.
{
  const button = document.querySelector(".code-switch");
  const { classList } = document.documentElement;
  const tell = () =>
    button.setAttribute("aria-pressed", classList.contains("code-hidden"));
  button.addEventListener("click", () => {
    // What the reader is looking at stays where it is while code comes or goes above it.
    const seen = [...document.querySelectorAll("main article :is(h1, h2, h3, p, figure)")]
      .find((one) => one.getBoundingClientRect().top >= 0 && one.offsetParent);
    const before = seen?.getBoundingClientRect().top;
    const hidden = classList.toggle("code-hidden");
    if (seen?.offsetParent) {
      const moved = seen.getBoundingClientRect().top - before;
      window.scrollBy({ top: moved, behavior: "instant" });
    }
    try {
      localStorage.setItem("code", hidden ? "hidden" : "shown");
    } catch {
      // Storage is closed: the choice holds for this page only.
    }
    tell();
  });
  tell();
  button.hidden = false;
}
