// The button that hides all code, in the header of pages with code. What the reader chose
// holds for every page; the head of each page has acted on it already.
{
  const button = document.querySelector(".code-switch");
  const root = document.documentElement;
  const tell = () =>
    button.setAttribute("aria-pressed", root.classList.contains("code-hidden"));
  // What the reader is looking at: it stays in place while code comes or goes above it.
  // What is not laid out yet (see page.js) has a place, but is not there to be seen.
  const inView = () =>
    [...document.querySelectorAll("main article :is(h1, h2, h3, figure, section > p)")]
      .find((one) => one.getBoundingClientRect().top >= 0
        && one.checkVisibility({ contentVisibilityAuto: true }));
  button.addEventListener("click", () => {
    const seen = inView();
    const before = seen?.getBoundingClientRect().top;
    root.style.overflowAnchor = "none"; // else the browser moves the page, too
    // Else parts above may grow or shrink after the page has moved.
    for (const part of document.querySelectorAll("section")) part.classList.add("laid-out");
    const hidden = root.classList.toggle("code-hidden");
    const moved = seen ? seen.getBoundingClientRect().top - before : 0;
    window.scrollBy({ top: moved, behavior: "instant" });
    requestAnimationFrame(() => (root.style.overflowAnchor = ""));
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
