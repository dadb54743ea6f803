// Keeps the grid true: a long one shows only what is near the screen; a tile that is being prepared becomes its picture,
// or the reason why not, without a reload. Others hear of it by the event `file-settled` on the collection, and ask for a
// look with `files-expected`.

import { Album } from "./gallery/album.js"
import { offerArranging } from "./arrange/arrange.js"
import { refreshHead } from "./gallery/head.js"
import { getJson, post } from "./shared/http.js"
import { insist } from "./shared/insist.js"
import { DayJump } from "./gallery/jump.js"
import { showLikeness } from "./gallery/placeholder.js"
import { AlbumSource } from "./lightbox/album.js"
import { provideSource } from "./lightbox/source.js"
import { keepPlace, placeLeft } from "./gallery/place.js"
import { watchPictures } from "./gallery/broken_pictures.js"
import { isPreparing, StatusWatch } from "./gallery/status_poll.js"
import { allTiles, findTile, recount, refreshTile, takeOut, useAlbum } from "./gallery/tiles.js"
import { plural } from "./shared/format.js"

const MOST_WITHOUT_WINDOW = 120
const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
const announcer = document.querySelector("[data-announce]")
const watch = new StatusWatch(collection.dataset.statusUrl, takeNews)
let album = null
let known = JSON.parse(collection.dataset.counts) // how many files the server has in which state, as far as this page knows

// --- long galleries ---

function photographs() {
  return gallery.querySelectorAll(".gallery-item[data-file-uuid]").length
}

async function openAlbum() {
  album = new Album(collection, gallery)
  provideSource(new AlbumSource(album))
  await insist(() => album.open())
  history.scrollRestoration = "manual"
  useAlbum(album)
  collection.querySelectorAll('[data-pager="page"]').forEach((pager) => pager.remove())
  collection.querySelector("[data-arrivals]")?.append(...gallery.querySelectorAll(".local-tile"))
  album.addEventListener("change", () => {
    recount()
    jump?.refresh()
  })
  await goBack()
  jump?.refresh()
}

async function goBack() {
  const place = placeLeft()
  if (place) await album.goTo(place)
  else goToDay(album.days.findIndex(([day]) => location.hash === `#day-${day || "unknown"}`))
  keepPlace(album)
}

function lookAtLayout() {
  if (photographs() > MOST_WITHOUT_WINDOW && !album) openAlbum()
  else if (album) insist(() => album.refresh()).catch(() => {}) // the collection was closed
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
  const [day] = days()[number]
  const first = days().slice(0, number).reduce((sum, [, count]) => sum + count, 0)
  const tile = album ? await album.goToDay(first) : firstOf(number)
  tile?.querySelector("a, button")?.focus({ preventScroll: true })
  return day
}

function firstOf(number) {
  const heading = gallery.querySelectorAll(".day")[number]
  const tile = heading.nextElementSibling
  scrollTo({ top: tile.getBoundingClientRect().top + scrollY - heading.offsetHeight - 4, behavior: "instant" })
  return tile
}

// --- files that get ready ---

function takeNews({ files, counts }) {
  if (known.total !== counts.total) lookAtLayout()
  if (Object.keys(counts).some((name) => known[name] !== counts[name])) refreshHead()
  known = counts
  collection.dataset.failed = counts.failed
  showPreparing(counts.preparing)
  files.forEach((file) => settle(file).catch(() => {})) // it was deleted, or the collection closed
  if (isAllInThePage() && allTiles().length !== counts.total) lookAtAll().catch(() => {})
}

// Not while files of this page are on their way, whose tiles come with their receipts.
function isAllInThePage() {
  return !album && !collection.querySelector("[data-pager], .local-tile")
}

// What another page has deleted or restored is told by nobody.
async function lookAtAll() {
  const before = allTiles()
  const { files } = await getJson(collection.dataset.statusUrl)
  const there = new Set(files.map(({ uuid }) => uuid))
  for (const { dataset } of before) if (!there.has(dataset.fileUuid) && findTile(dataset.fileUuid)) takeOut(dataset.fileUuid)
  for (const uuid of there) if (!findTile(uuid)) await refreshTile(uuid)
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
  if (album && !tile) lookAtLayout()
  else await insist(() => refreshTile(file.uuid))
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
  await insist(() => refreshTile(uuid))
  watch.wake()
}

allTiles().forEach(showLikeness)
const jump = document.querySelector("[data-jump]") && new DayJump(days, goToDay)
if (Number(collection.dataset.total) > photographs()) openAlbum()
collection.addEventListener("submit", retryFile)
watchPictures(collection, showRemade)
collection.addEventListener("files-expected", () => watch.wake())
if (allTiles().some((tile) => isPreparing(tile.dataset.status))) watch.wake()

offerArranging(collection, gallery, () => album)

const copyButton = document.querySelector("[data-copy-link]")
if (copyButton) {
  copyButton.hidden = false
  copyButton.addEventListener("click", copyLink)
}
