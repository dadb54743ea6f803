// Takes a deleted file off the page without a reload, and puts it back when that is undone.

import { refused } from "./confirm.js"
import { HttpError, post } from "./shared/http.js"
import { findTile, putBack, takeOut } from "./gallery/tiles.js"

const dialog = document.querySelector("[data-confirm-dialog]")
const notice = document.querySelector("[data-notice]")
const words = notice.querySelector("[data-notice-words]")
const undo = notice.querySelector("[data-notice-undo]")
let last = null // what the notice speaks of: { uuid, place }

async function remove(url) {
  const uuid = url.split("/").at(-2)
  try {
    const { recoverable_until: until } = await post(url).then((response) => response.json())
    taken(uuid, until)
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) taken(uuid, null) // somebody was quicker
    else refused("That did not reach the server, so nothing was deleted. Please try again.")
  }
}

function taken(uuid, until) {
  dialog.close()
  const name = findTile(uuid).dataset.fileName
  last = { uuid, place: takeOut(uuid) }
  words.textContent = until ? `“${name}” is in the bin.` : `“${name}” is deleted.`
  undo.hidden = !until
  notice.hidden = false
}

async function restore() {
  undo.disabled = true
  try {
    await post(notice.dataset.restoreUrl.replace("00000000-0000-0000-0000-000000000000", last.uuid))
    notice.hidden = true
    putBack(last.place)
  } catch {
    words.textContent = "That could not be restored. Please look into the bin."
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
