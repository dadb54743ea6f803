// A dialog that asks before anything is deleted; without this script the link opens a page that asks the same.
// Fires `confirmed` on the dialog, with the URL. Listeners that call preventDefault() replace the submitted form.

const dialog = document.querySelector("[data-confirm-dialog]")
const form = dialog.querySelector("form")
const go = dialog.querySelector("[data-confirm-go]")
const error = dialog.querySelector("[data-confirm-error]")

function openDialog(event) {
  const link = event.target.closest("a[data-confirm]")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
  event.preventDefault()
  const kind = link.dataset.confirm
  const verb = kind === "permanent" ? "Delete permanently" : "Delete"
  const name = link.dataset.confirmName ?? link.closest("[data-file-name]").dataset.fileName
  dialog.querySelector("[data-confirm-title]").textContent = `${verb} “${name}”?`
  dialog.querySelector("[data-confirm-words]").textContent = dialog.getAttribute(`data-words-${kind}`)
  go.textContent = verb
  go.disabled = false
  error.hidden = true
  form.action = link.href
  dialog.showModal()
  dialog.querySelector("[data-confirm-cancel]").focus()
}

export function showError(message) {
  error.textContent = message
  error.hidden = false
  go.disabled = false
}

document.addEventListener("click", openDialog)
dialog.querySelector("[data-confirm-cancel]").addEventListener("click", () => dialog.close())
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close())
form.addEventListener("submit", (event) => {
  go.disabled = true
  const submits = dialog.dispatchEvent(new CustomEvent("confirmed", { cancelable: true, detail: { url: form.action } }))
  if (!submits) event.preventDefault()
})
