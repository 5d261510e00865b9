"use strict";
// What does a person set a layer with? Labelled choices and ranges that say their value.
const ReplaySettings = (() => {
  const labelled = (text, ...elements) => {
    const label = document.createElement("label");
    label.append(`${text} `, ...elements);
    return label;
  };

  // `options`: value to text.
  const choice = (text, options, value, changed) => {
    const select = document.createElement("select");
    for (const [key, said] of Object.entries(options)) select.add(new Option(said, key));
    select.value = value;
    select.addEventListener("change", () => changed(select.value));
    return labelled(text, select);
  };

  // `said` puts a value into words; they stand beside the range and are read with it.
  const range = (text, { min, max, step, value, said }, changed) => {
    const input = document.createElement("input");
    const output = document.createElement("output");
    const tell = () => {
      output.textContent = said(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    Object.assign(input, { type: "range", min, max, step, value });
    input.addEventListener("input", () => {
      tell();
      changed(Number(input.value));
    });
    tell();
    return labelled(text, input, " ", output);
  };

  const group = (name, ...elements) => {
    const box = document.createElement("div");
    box.className = "replay-settings";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", name);
    box.append(...elements);
    return box;
  };

  return Object.freeze({ choice, group, range });
})();
