// Turns the plain upload form into a queue with pickers, drop zone, paste, a panel, and tiles drawn before the upload.

import { acceptDrops, acceptPastes } from "./upload/drop.js"
import { HashPool } from "./upload/hash_pool.js"
import { refreshHead } from "./gallery/head.js"
import { withRetries } from "./shared/retry.js"
import { addLocalTile } from "./upload/local_tiles.js"
import { findTile, refreshTile } from "./gallery/tiles.js"
import { UploadCheck } from "./upload/check.js"
import { checkFiles } from "./upload/limits.js"
import { UploadPanel } from "./upload/panel.js"
import { UploadQueue } from "./upload/queue.js"
import { UploadSender } from "./upload/send.js"
import { UploadTitle } from "./upload/title.js"

const form = document.querySelector("[data-upload-form]")
const collection = document.querySelector("[data-collection]")
const limits = { maxBytes: Number(form.dataset.maxBytes), maxFiles: Number(form.dataset.maxFiles) }
const formats = { drawableTypes: form.dataset.drawableTypes.split(" "), extensions: form.dataset.photoExtensions.split(" ") }

const queue = new UploadQueue(
  new UploadSender({
    urls: { upload: form.action, uploads: form.dataset.uploadsUrl },
    check: new UploadCheck(form.dataset.checkUrl),
    pool: new HashPool(form.dataset.hashesUrl, form.dataset.hashWorkerUrl),
  }),
)
const panel = new UploadPanel(
  queue,
  document.querySelector("[data-upload-panel]"),
  document.querySelector("[data-upload-row-template]"),
)
new UploadTitle(queue, form.dataset.title, document.querySelector("[data-upload-announce]"))

function addFiles(found) {
  const { checked, hidden } = checkFiles([...found], limits)
  panel.hidden += hidden
  queue.add(checked)
}

// --- tiles ---

const tiles = new WeakMap() // entry -> local tile

queue.addEventListener("added", ({ detail: { entry } }) => {
  showInvitation(false)
  const tile = addLocalTile(entry.file, formats)
  if (tile) tiles.set(entry, tile)
})

queue.addEventListener("change", ({ detail: { entry } }) => {
  if (entry.state !== "failed" && entry.state !== "cancelled") return
  dropTile(entry)
  refreshHead()
})

queue.addEventListener("saved", async ({ detail: { entry, record } }) => {
  if (record.status === "duplicate" && findTile(record.uuid)) return dropTile(entry)
  const tile = await withRetries(() => showTile(entry, record.uuid)).catch((error) => error.status === 404 && dropTile(entry))
  if (tile) queue.settle(record.uuid, tile.dataset.status, tile.dataset.reason)
  collection.dispatchEvent(new CustomEvent("files-expected"))
})

collection.addEventListener("file-settled", ({ detail: file }) => queue.settle(file.uuid, file.status, file.reason))

function showTile(entry, uuid) {
  return tiles.get(entry)?.settle(uuid) ?? refreshTile(uuid)
}

function dropTile(entry) {
  tiles.get(entry)?.remove()
  tiles.delete(entry)
}

// Only an empty collection shows the large upload form in the middle of the page.
function showInvitation(on) {
  form.classList.toggle("upload-empty", on)
}

collection.addEventListener("head-shown", ({ detail }) => showInvitation(detail.empty && queue.tally.unfinished === 0))

// --- pickers, drop and paste ---

for (const input of form.querySelectorAll("[data-upload-input], [data-upload-folder]")) {
  input.addEventListener("change", () => {
    addFiles(input.files)
    input.value = "" // the same file can be chosen again
  })
}

function showPickers(selector, input) {
  for (const picker of document.querySelectorAll(selector)) {
    picker.hidden = false
    picker.addEventListener("click", () => input.click())
  }
}

const folderInput = form.querySelector("[data-upload-folder]")
showPickers("[data-upload-picker]", form.querySelector("[data-upload-input]"))
if ("webkitdirectory" in folderInput && matchMedia("(any-hover: hover)").matches) showPickers("[data-upload-folder-picker]", folderInput)
form.addEventListener("submit", (event) => event.preventDefault())
acceptDrops(document.querySelector("[data-drop-veil]"), addFiles)
acceptPastes(addFiles)

window.addEventListener("beforeunload", (event) => {
  if (queue.tally.unfinished > 0) event.preventDefault()
})
window.addEventListener("online", () => queue.wake())

form.querySelector("[data-upload-hint]").hidden = false
form.querySelector("[data-upload-plain]").hidden = true
