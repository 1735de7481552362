// On every page: "/" goes to the search field, as people are used to.
document.addEventListener("keydown", (event) => {
  const within = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || within) return;
  const field = document.querySelector<HTMLInputElement>("input[type=search]");
  if (field) {
    event.preventDefault();
    field.focus();
  }
});
