// What is filtered, as parameters of the address: a link to the page opens it as it was.

/** Return the values of each field that is not as it was at first; a group of boxes that are all ticked is as at first. */
export function state(form: HTMLFormElement): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of ["kind", "view"]) {
    const boxes = [...form.querySelectorAll<HTMLInputElement>(`[name=${name}]`)];
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    found.set(name, ticked.length === boxes.length ? [] : ticked.length ? ticked : ["none"]);
  }
  for (const [name, first] of FIRST) {
    const value = form.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`)?.value ?? first;
    found.set(name, value === first || value === "" ? [] : [value]);
  }
  return found;
}

/** Set the fields of the form as an address says; what it does not name stays. */
export function restore(form: HTMLFormElement, address: URLSearchParams): void {
  for (const name of ["kind", "view"]) {
    if (!address.has(name)) continue;
    for (const box of form.querySelectorAll<HTMLInputElement>(`[name=${name}]`)) box.checked = address.getAll(name).includes(box.value);
  }
  for (const [name] of FIRST) {
    const value = address.get(name);
    const field = form.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`);
    if (value !== null && field) field.value = value;
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.selectedIndex = 0;
  }
}

const FIRST: [string, string][] = [
  ["certainty", "speculative"],
  ["service", ""],
  ["place", ""],
  ["value", "0"],
  ["year", "0"],
];
