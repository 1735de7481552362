// On every page: the search field offers what it finds while one types, and "/" goes to it, as people are used to.

interface Hit {
  label: string;
  kind: string;
  name: string;
  address: string;
}

const OFFERED = 8;
const PAUSE = 120;

/** Make the search field a combobox: arrows choose, Enter goes there, Escape closes. */
function offer(field: HTMLInputElement): void {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Found");
  field.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-controls": list.id,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
  })) {
    field.setAttribute(name, value);
  }
  let chosen = -1;
  let waiting = 0;
  let asked = "";

  const close = (): void => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (index: number): void => {
    const options = [...list.children];
    if (options.length === 0) return;
    chosen = (index + options.length) % options.length;
    options.forEach((option, position) => option.setAttribute("aria-selected", String(position === chosen)));
    const option = options[chosen];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  };
  const show = (hits: Hit[]): void => {
    list.replaceChildren(
      ...hits.map((hit, index) => {
        const option = document.createElement("li");
        option.id = `suggestion-${index}`;
        option.setAttribute("role", "option");
        option.dataset.address = hit.address;
        const name = document.createElement("bdi");
        name.textContent = hit.label.slice(0, 160);
        const kind = document.createElement("span");
        kind.className = "where";
        kind.textContent = ` ${hit.kind}${hit.name === hit.label ? "" : `, also ${hit.name.slice(0, 80)}`}`;
        option.append(name, kind);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          location.assign(hit.address);
        });
        return option;
      }),
    );
    list.hidden = hits.length === 0;
    field.setAttribute("aria-expanded", String(hits.length > 0));
    chosen = -1;
  };
  const ask = async (): Promise<void> => {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    if (text.length < 2) {
      close();
      return;
    }
    const answer = await fetch(`/search?limit=${OFFERED}&q=${encodeURIComponent(text)}`, {
      headers: { Accept: "application/json" },
    });
    // A slow answer to what was typed before is not an answer to what stands there now.
    if (answer.ok && field.value.trim() === text) show((await answer.json()) as Hit[]);
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void ask(), PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      const option = list.children[chosen];
      if (option instanceof HTMLElement && option.dataset.address) {
        event.preventDefault();
        location.assign(option.dataset.address);
      }
    }
  });
  field.addEventListener("blur", close);
}

const field = document.querySelector<HTMLInputElement>("input[type=search]");
if (field) offer(field);

document.addEventListener("keydown", (event) => {
  const within = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || within || !field) return;
  event.preventDefault();
  field.focus();
});
