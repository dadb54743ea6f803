// Keeps the grid true: a tile that is being prepared becomes its picture, or the reason why not, without a reload.
// Others hear of it by the event `file-settled` on the collection, and ask for a look with `files-expected`.

import { post } from "./http.js"
import { watchPictures } from "./repair.js"
import { isPreparing, StatusWatch } from "./status.js"
import { allTiles, findTile, refreshTile } from "./tiles.js"

const collection = document.querySelector("[data-collection]")
const announcer = document.querySelector("[data-announce]")
const watch = new StatusWatch(collection.dataset.statusUrl, takeStatus)

function takeStatus(files) {
  return Promise.all(files.map((file) => settle(file)))
}

async function settle(file) {
  const tile = findTile(file.uuid)
  const before = tile?.dataset.status
  if (before === file.status) return
  if (tile && isPreparing(before) && isPreparing(file.status) && file.status !== "retrying" && before !== "retrying") {
    tile.dataset.status = file.status
    return
  }
  await refreshTile(file.uuid)
  if (isPreparing(file.status)) return
  if (file.status === "failed") announcer.textContent = `No preview of ${file.name}: ${file.reason}`
  collection.dispatchEvent(new CustomEvent("file-settled", { detail: file }))
}

async function retryFile(event) {
  const form = event.target.closest("[data-retry-file]")
  if (!form) return
  event.preventDefault()
  const button = form.querySelector("button")
  button.disabled = true
  try {
    await post(form.action)
    await refreshTile(form.closest(".gallery-item").dataset.fileUuid)
    watch.wake()
  } catch {
    button.disabled = false
    announcer.textContent = "That did not reach the server. Please try again."
  }
}

async function copyLink(event) {
  const button = event.currentTarget
  const words = button.querySelector("[data-copy-words]")
  try {
    await navigator.clipboard.writeText(button.dataset.copyLink)
    words.textContent = "Link copied"
  } catch {
    words.textContent = button.dataset.copyLink
  }
  setTimeout(() => (words.textContent = "Copy link"), 4000)
}

async function showRemade(uuid) {
  await refreshTile(uuid)
  watch.wake()
}

collection.addEventListener("submit", retryFile)
watchPictures(collection, showRemade)
collection.addEventListener("files-expected", () => watch.wake())
if (allTiles().some((tile) => isPreparing(tile.dataset.status))) watch.wake()

const copyButton = document.querySelector("[data-copy-link]")
if (copyButton) {
  copyButton.hidden = false
  copyButton.addEventListener("click", copyLink)
}
