// A button behind every value that is copied letter by letter. Without this script the values are selected by hand.
"use strict";

const said = document.createElement("p");
said.className = "said";
said.setAttribute("role", "status");
document.body.append(said);

let silence;

function say(words) {
  said.textContent = words;
  clearTimeout(silence);
  silence = setTimeout(() => { said.textContent = ""; }, 5000);
}

async function copy(value) {
  try {
    await navigator.clipboard.writeText(value.textContent);
    say(`Copied: ${value.textContent.slice(0, 60)}`);
  } catch { // no clipboard without https, or not allowed: select it instead
    getSelection().selectAllChildren(value);
    say("Selected; copy it with the keyboard.");
  }
}

for (const value of document.querySelectorAll("code.exact")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${value.textContent.slice(0, 60)}`);
  button.addEventListener("click", () => copy(value));
  value.after(button);
}
