// Copy buttons of text fields (`data-copy="<id of the field>"`). Without HTTPS there is no clipboard API: the text is
// selected instead.

const SHOWN_MS = 4000

async function copy(button) {
  const field = document.getElementById(button.dataset.copy)
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(field.value)
    button.textContent = "Copied"
  } catch {
    field.select()
    button.textContent = "Selected – copy it now"
  }
  setTimeout(() => (button.textContent = label), SHOWN_MS)
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false
  button.addEventListener("click", () => copy(button))
}
