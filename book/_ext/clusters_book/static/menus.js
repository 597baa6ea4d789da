// Gives the focus back to the button that opened a menu or the search, once it closes:
// the theme takes it away, and who moves by keyboard would start at the top again.
{
  const give = (dialog, buttons) =>
    document.getElementById(dialog)?.addEventListener("close", () =>
      [...document.querySelectorAll(buttons)].find((one) => one.checkVisibility())?.focus());
  give("pst-primary-sidebar-modal", ".primary-toggle");
  give("pst-secondary-sidebar-modal", ".secondary-toggle");
  give("pst-search-dialog", ".search-button__button");
}
