// Keeps the gallery up to date without a reload: tiles in preparation are replaced when ready or failed, and long galleries
// keep only tiles near the screen. Fires `file-settled` on the collection; `files-expected` there starts frequent polling.

import { Album } from "./gallery/album.js"
import { enableArranging } from "./arrange/arrange.js"
import { refreshHead } from "./gallery/head.js"
import { getJson, post } from "./shared/http.js"
import { withRetries } from "./shared/retry.js"
import { DayJump } from "./gallery/jump.js"
import { showPlaceholder } from "./gallery/placeholder.js"
import { AlbumSource } from "./lightbox/album.js"
import { provideSource } from "./lightbox/source.js"
import { rememberPosition, storedPosition } from "./gallery/scroll_position.js"
import { reportBrokenImages } from "./gallery/broken_images.js"
import { renewUrls } from "./gallery/renewal.js"
import { isPreparing, StatusWatch } from "./gallery/status_poll.js"
import { allTiles, findTile, recount, refreshTile, removeTile, useAlbum } from "./gallery/tiles.js"
import { plural } from "./shared/format.js"

const LONG = 120 // photos; longer galleries become an album
const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
const announcer = document.querySelector("[data-announce]")
const watch = new StatusWatch(collection.dataset.statusUrl, applyStatus)
let album = null
let knownCounts = JSON.parse(collection.dataset.counts) // of the last response

// --- long galleries ---

function photosInPage() {
  return [...gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
}

async function openAlbum() {
  album = new Album(collection, gallery)
  provideSource(new AlbumSource(album))
  await withRetries(() => album.open())
  history.scrollRestoration = "manual"
  useAlbum(album)
  collection.querySelectorAll('[data-pager="page"]').forEach((pager) => pager.remove())
  collection.querySelector("[data-arrivals]")?.append(...gallery.querySelectorAll(".local-tile"))
  album.addEventListener("change", () => {
    recount()
    jump?.refresh()
  })
  await restorePosition()
  jump?.refresh()
}

async function restorePosition() {
  const place = storedPosition()
  if (place) await album.goTo(place)
  else goToDay(album.days.findIndex(([day]) => location.hash === `#day-${day || "unknown"}`))
  rememberPosition(album)
}

function updateLayout() {
  if (photosInPage().length > LONG && !album) openAlbum()
  else if (album) withRetries(() => album.refresh()).catch(() => {}) // the collection was closed
}

// --- days ---

function days() {
  if (album) return album.days
  return [...gallery.querySelectorAll(".day")].map((heading) => [heading.id.replace(/^day-(unknown)?/, ""), countAfter(heading)])
}

function countAfter(heading) {
  let count = 0
  for (let next = heading.nextElementSibling; next && !next.matches(".day"); next = next.nextElementSibling) {
    count += next.matches(".gallery-item")
  }
  return count
}

async function goToDay(number) {
  if (number < 0) return
  const first = days().slice(0, number).reduce((sum, [, count]) => sum + count, 0)
  const tile = album ? await album.goToDay(first) : firstOf(number)
  tile?.querySelector("a, button")?.focus({ preventScroll: true })
}

function firstOf(number) {
  const heading = gallery.querySelectorAll(".day")[number]
  const tile = heading.nextElementSibling
  scrollTo({ top: tile.getBoundingClientRect().top + scrollY - heading.offsetHeight - 4, behavior: "instant" })
  return tile
}

// --- status of files ---

function applyStatus({ files, counts, signed }) {
  if (signed && collection.dataset.signed && signed !== collection.dataset.signed) renewTiles(signed).catch(() => {}) // next time
  if (knownCounts.total !== counts.total) updateLayout()
  if (Object.keys(counts).some((name) => knownCounts[name] !== counts[name])) refreshHead()
  knownCounts = counts
  collection.dataset.failed = counts.failed
  showPreparing(counts.preparing)
  files.forEach((file) => settle(file).catch(() => {})) // the file was deleted, or the collection closed
  if (!counts.preparing) showOutdated(new Set(files.map(({ uuid }) => uuid)))
  if (pageHasAllTiles() && allTiles().length !== counts.total) syncTiles().catch(() => {})
}

// Replace tiles in preparation whose photo was ready before the first response could name it.
function showOutdated(settled) {
  for (const { dataset } of album ? album.tiles : allTiles()) {
    if (!isPreparing(dataset.status) || settled.has(dataset.fileUuid)) continue
    refreshTile(dataset.fileUuid).catch(() => {}) // next time
  }
}

async function renewTiles(signed) {
  await renewUrls(collection.dataset, album ? album.tiles : photosInPage())
  collection.dataset.signed = signed
}

// False during uploads, whose tiles are inserted one by one.
function pageHasAllTiles() {
  return !album && !collection.querySelector("[data-pager], .local-tile")
}

// Remove and insert tiles of files that were deleted or restored on another page; the status does not list them.
async function syncTiles() {
  const before = allTiles()
  const { files } = await getJson(collection.dataset.statusUrl)
  const current = new Set(files.map(({ uuid }) => uuid))
  for (const { dataset } of before) if (!current.has(dataset.fileUuid) && findTile(dataset.fileUuid)) removeTile(dataset.fileUuid)
  for (const uuid of current) if (!findTile(uuid)) await refreshTile(uuid)
}

function showPreparing(count) {
  const note = document.querySelector("[data-preparing-count]")
  note.hidden = count === 0
  note.textContent = `${plural(count, "photo is", "photos are")} still being prepared`
}

async function settle(file) {
  const tile = findTile(file.uuid)
  const before = tile?.dataset.status
  if (before === file.status) return
  if (tile && isPreparing(before) && isPreparing(file.status) && file.status !== "retrying" && before !== "retrying") {
    tile.dataset.status = file.status
    return
  }
  if (album && !tile) updateLayout()
  else await withRetries(() => refreshTile(file.uuid))
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
    announcer.textContent = "Couldn’t retry – check your connection and try again."
  }
}

async function copyLink(event) {
  const button = event.currentTarget
  const label = button.querySelector("[data-copy-words]")
  try {
    await navigator.clipboard.writeText(button.dataset.copyLink)
    label.textContent = "Link copied"
  } catch {
    label.textContent = button.dataset.copyLink
  }
  setTimeout(() => (label.textContent = "Copy link"), 4000)
}

async function reloadTile(uuid) {
  await withRetries(() => refreshTile(uuid))
  watch.wake()
}

allTiles().forEach(showPlaceholder)
const jump = document.querySelector("[data-jump]") && new DayJump(days, goToDay)
if (Number(collection.dataset.total) > photosInPage().length) openAlbum()
collection.addEventListener("submit", retryFile)
reportBrokenImages(collection, reloadTile)
collection.addEventListener("files-expected", () => watch.wake())
if (allTiles().some((tile) => isPreparing(tile.dataset.status))) watch.wake()

enableArranging(collection, gallery, () => album)

const copyButton = document.querySelector("[data-copy-link]")
if (copyButton) {
  copyButton.hidden = false
  copyButton.addEventListener("click", copyLink)
}
