// Turns the plain upload form into a queue: picker, drop zone, panel, and tiles as the files arrive.

import { acceptDrops } from "./drop.js"
import { refreshTile } from "./tiles.js"
import { UploadPanel } from "./upload_panel.js"
import { UploadQueue } from "./upload_queue.js"
import { sendFile } from "./upload_send.js"

const form = document.querySelector("[data-upload-form]")
const collection = document.querySelector("[data-collection]")
const input = form.querySelector("[data-upload-input]")
const pickers = document.querySelectorAll("[data-upload-picker]")

const queue = new UploadQueue({
  maxBytes: Number(form.dataset.maxBytes),
  send: (file, onProgress) => sendFile(form.action, file, onProgress),
})
new UploadPanel(
  queue,
  document.querySelector("[data-upload-panel]"),
  document.querySelector("[data-upload-row-template]"),
)

queue.addEventListener("saved", async ({ detail: { record } }) => {
  form.classList.remove("upload-empty")
  form.querySelectorAll("h2, [data-upload-picker]").forEach((element) => element.remove())
  const tile = await refreshTile(record.uuid).catch(() => null) // else the next look at the status shows it
  if (tile) queue.settle(record.uuid, tile.dataset.status, tile.dataset.reason)
  collection.dispatchEvent(new CustomEvent("files-expected"))
})

collection.addEventListener("file-settled", ({ detail: file }) => queue.settle(file.uuid, file.status, file.reason))

window.addEventListener("beforeunload", (event) => {
  if (queue.openCount > 0) event.preventDefault()
})

input.addEventListener("change", () => {
  queue.add([...input.files])
  input.value = "" // so that the same file can be chosen again
})
pickers.forEach((picker) => {
  picker.hidden = false
  picker.addEventListener("click", () => input.click())
})
form.addEventListener("submit", (event) => event.preventDefault())
acceptDrops(document.querySelector("[data-drop-veil]"), (files) => queue.add(files))

form.querySelector("[data-upload-hint]").hidden = false
form.querySelector("[data-upload-plain]").hidden = true
