// Deletes a file without a reload, and offers to undo it.

import { showError } from "./confirm.js"
import { HttpError, post } from "./shared/http.js"
import { findTile, restoreTile, removeTile } from "./gallery/tiles.js"

const dialog = document.querySelector("[data-confirm-dialog]")
const notice = document.querySelector("[data-notice]")
const message = notice.querySelector("[data-notice-words]")
const undo = notice.querySelector("[data-notice-undo]")
let last = null // the file named in the notice: { uuid, place }

async function remove(url) {
  const uuid = url.split("/").at(-2)
  try {
    const { recoverable_until: until } = await post(url).then((response) => response.json())
    showDeleted(uuid, until)
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) showDeleted(uuid, null) // deleted on another page
    else showError("Couldn’t delete – check your connection and try again.")
  }
}

function showDeleted(uuid, until) {
  dialog.close()
  const name = findTile(uuid).dataset.fileName
  last = { uuid, place: removeTile(uuid) }
  message.textContent = until ? `“${name}” is in the bin.` : `“${name}” was deleted.`
  undo.hidden = !until
  notice.hidden = false
}

async function restore() {
  undo.disabled = true
  try {
    await post(notice.dataset.restoreUrl.replace("00000000-0000-0000-0000-000000000000", last.uuid))
    notice.hidden = true
    restoreTile(last.place)
  } catch {
    message.textContent = "Couldn’t restore it. You’ll find it in the bin."
    undo.hidden = true
  } finally {
    undo.disabled = false
  }
}

dialog.addEventListener("confirmed", (event) => {
  if (!event.detail.url.includes("/files/")) return
  event.preventDefault()
  remove(event.detail.url)
})
undo.addEventListener("click", restore)
notice.querySelector("[data-notice-close]").addEventListener("click", () => (notice.hidden = true))
