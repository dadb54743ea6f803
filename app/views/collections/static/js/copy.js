// A button that copies what a page shows only once. Without HTTPS there is no clipboard to write to: the text is
// selected then, for the hand to copy.

const SAID_MS = 4000

async function copy(button) {
  const field = document.getElementById(button.dataset.copy)
  const words = button.textContent
  try {
    await navigator.clipboard.writeText(field.value)
    button.textContent = "Copied"
  } catch {
    field.select()
    button.textContent = "Selected: copy it now"
  }
  setTimeout(() => (button.textContent = words), SAID_MS)
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false
  button.addEventListener("click", () => copy(button))
}
