// Turns the plain upload form into a queue: pickers, drop zone, paste, panel, and tiles from the first moment on.

import { acceptDrops, acceptPastes } from "./upload/drop.js"
import { HashPool } from "./upload/hash_pool.js"
import { refreshHead } from "./gallery/head.js"
import { insist } from "./shared/insist.js"
import { addLocalTile } from "./upload/local_tiles.js"
import { findTile, refreshTile } from "./gallery/tiles.js"
import { UploadCheck } from "./upload/check.js"
import { sortOut } from "./upload/limits.js"
import { UploadPanel } from "./upload/panel.js"
import { UploadQueue } from "./upload/queue.js"
import { UploadSender } from "./upload/send.js"
import { UploadTitle } from "./upload/title.js"

const form = document.querySelector("[data-upload-form]")
const collection = document.querySelector("[data-collection]")
const limits = { maxBytes: Number(form.dataset.maxBytes), maxFiles: Number(form.dataset.maxFiles) }
const drawableTypes = form.dataset.drawableTypes.split(" ")

const queue = new UploadQueue(
  new UploadSender({
    urls: { upload: form.action, uploads: form.dataset.uploadsUrl },
    check: new UploadCheck(form.dataset.checkUrl),
    pool: new HashPool(form.dataset.hashesUrl),
  }),
)
const panel = new UploadPanel(
  queue,
  document.querySelector("[data-upload-panel]"),
  document.querySelector("[data-upload-row-template]"),
)
new UploadTitle(queue, form.dataset.title, document.querySelector("[data-upload-announce]"))

function take(found) {
  const { wanted, hidden } = sortOut([...found], limits)
  panel.hidden += hidden
  queue.add(wanted)
}

// --- tiles ---

const tiles = new WeakMap() // entry -> its picture in the gallery until the server's has come

queue.addEventListener("added", ({ detail: { entry } }) => {
  invite(false)
  const tile = addLocalTile(entry.file, drawableTypes)
  if (tile) tiles.set(entry, tile)
})

queue.addEventListener("change", ({ detail: { entry } }) => {
  if (entry.state !== "failed" && entry.state !== "cancelled") return
  dropTile(entry)
  refreshHead()
})

queue.addEventListener("saved", async ({ detail: { entry, record } }) => {
  if (record.status === "duplicate" && findTile(record.uuid)) return dropTile(entry)
  const tile = await insist(() => showTile(entry, record.uuid)).catch((error) => error.status === 404 && dropTile(entry))
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

// An empty collection asks in the middle of the page; one that is filling up leaves the place to its pictures.
function invite(on) {
  form.classList.toggle("upload-empty", on)
}

collection.addEventListener("head-shown", ({ detail }) => invite(detail.empty && queue.tally.open === 0))

// --- where files come from ---

for (const input of form.querySelectorAll("[data-upload-input], [data-upload-folder]")) {
  input.addEventListener("change", () => {
    take(input.files)
    input.value = "" // so that the same file can be chosen again
  })
}

function offer(selector, input) {
  for (const picker of document.querySelectorAll(selector)) {
    picker.hidden = false
    picker.addEventListener("click", () => input.click())
  }
}

const folderInput = form.querySelector("[data-upload-folder]")
offer("[data-upload-picker]", form.querySelector("[data-upload-input]"))
if ("webkitdirectory" in folderInput && matchMedia("(any-hover: hover)").matches) offer("[data-upload-folder-picker]", folderInput)
form.addEventListener("submit", (event) => event.preventDefault())
acceptDrops(document.querySelector("[data-drop-veil]"), take)
acceptPastes(take)

window.addEventListener("beforeunload", (event) => {
  if (queue.tally.open > 0) event.preventDefault()
})
window.addEventListener("online", () => queue.wake())

form.querySelector("[data-upload-hint]").hidden = false
form.querySelector("[data-upload-plain]").hidden = true
