// Starts reveal.js on a deck. Its own speaker view needs scripts and styles written into
// a page, which the policy of ours forbids. So the notes are the deck once more, opened
// as ?notes in a second window: there reveal.js sets them beside the slide. The two
// windows tell each other which slide is shown, over the network or from a folder.
{
  const root = document.documentElement;
  const withNotes = new URLSearchParams(location.search).has("notes");
  let other = withNotes ? window.opener : null;

  root.classList.add("running");
  root.classList.toggle("with-notes", withNotes);
  const place = document.querySelector(".deck");
  place.classList.add("reveal");
  const deck = new Reveal(place, {
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    transition: "none",
    hash: true,
    postMessage: false,
    scrollActivationWidth: null, // on a phone, too, one slide at a time
    showNotes: withNotes,
  });

  function tell() {
    other?.postMessage({ slide: deck.getIndices().h }, "*");
  }

  function openNotes() {
    if (withNotes) return;
    other = window.open(
      // Not the address of this window, which lags behind.
      `${location.pathname}?notes#/${deck.getCurrentSlide().id}`,
      "notes",
      "width=1200,height=700",
    );
  }

  addEventListener("message", ({ source, data }) => {
    const slide = data?.slide;
    if (source !== other || !Number.isInteger(slide)) return;
    if (slide !== deck.getIndices().h) deck.slide(slide);
  });

  function startClock() {
    const clock = document.createElement("p");
    clock.className = "clock";
    const began = Date.now();
    const show = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    show();
    setInterval(show, 1000);
    place.closest("main").append(clock);
  }

  deck.addKeyBinding({ keyCode: 83, key: "S", description: "Speaker notes" }, openNotes);
  deck.on("slidechanged", tell);
  // On paper the slides stand one below the other, as without scripts.
  addEventListener("beforeprint", () => place.classList.remove("reveal"));
  addEventListener("afterprint", () => place.classList.add("reveal"));
  deck.initialize().then(() => withNotes && startClock());
}
