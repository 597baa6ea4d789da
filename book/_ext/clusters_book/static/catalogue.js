// Shows the cards of the data catalogue that hold every word typed into the search box.
// Without this script all cards are shown.
{
  const form = document.querySelector(".catalogue-search");
  const marks = document.querySelectorAll("[id^='table-']");
  const cards = [...marks].map((mark) => mark.closest("section"));
  const show = () => {
    const words = form.elements[0].value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const text = card.textContent.toLowerCase();
      card.hidden = !words.every((word) => text.includes(word));
      shown += !card.hidden;
    }
    for (const group of new Set(cards.map((card) => card.parentElement))) {
      group.hidden = ![...group.querySelectorAll("section")].some((card) => !card.hidden);
    }
    document.getElementById("catalogue-count").textContent =
      words.length ? `${shown} of ${cards.length} tables` : `${cards.length} tables`;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements[0].addEventListener("input", show);
  form.hidden = false;
  show();
}
