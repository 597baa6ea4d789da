// Lets a reader choose an answer, check it and be told why it is right or wrong. Nothing is
// kept or sent. Without this script all reasons stand in a fold below the question.
for (const quiz of document.querySelectorAll(".quiz")) {
  const answers = quiz.querySelector(".quiz-answers");
  const options = [...quiz.querySelectorAll(".quiz-option")];
  const reasons = [...answers.querySelectorAll(".quiz-why")];
  const button = document.createElement("button");
  button.className = "quiz-check";
  button.textContent = "Check";
  const said = document.createElement("div");
  said.className = "quiz-said";
  said.setAttribute("role", "status");
  const form = document.createElement("form"); // so that Enter checks, too
  form.noValidate = true;
  form.append(quiz.querySelector("fieldset"), button, said);
  quiz.prepend(form);
  quiz.classList.add("asks");
  const clear = () => {
    said.replaceChildren();
    for (const option of options) option.classList.remove("is-right", "is-wrong");
  };
  form.addEventListener("change", clear);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clear();
    const at = options.findIndex((option) => option.querySelector("input").checked);
    if (at < 0) {
      said.textContent = "Choose an answer first.";
      return;
    }
    options[at].classList.add(reasons[at].classList.contains("quiz-right") ? "is-right" : "is-wrong");
    const reason = reasons[at].cloneNode(true);
    for (const named of reason.querySelectorAll("[id]")) named.removeAttribute("id");
    said.append(...reason.childNodes);
    quiz.classList.add("checked"); // from now on all reasons can be unfolded
  });
  let folded = false;
  addEventListener("beforeprint", () => {
    folded = !answers.open;
    answers.open = true;
  });
  addEventListener("afterprint", () => {
    if (folded) answers.open = false;
  });
}
