// The tiles of the page. The server renders each of them; here they are only put in their place.

import { getText } from "./http.js"
import { plural } from "./words.js"

const EMPTY_UUID = "00000000-0000-0000-0000-000000000000"
const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
const files = collection.querySelector("[data-files]")

export function findTile(uuid) {
  return document.getElementById(`file-${uuid}`)
}

export function allTiles() {
  return [...collection.querySelectorAll(".gallery-item")]
}

// Fetches the tile as the server sees it now, and shows it instead of the old one or after the last.
export async function refreshTile(uuid) {
  const html = await getText(collection.dataset.tileUrl.replace(EMPTY_UUID, uuid))
  const holder = document.createElement("template")
  holder.innerHTML = html
  const tile = holder.content.querySelector(".gallery-item")
  const old = findTile(uuid)
  if (old) replace(old, tile)
  else (tile.dataset.kind === "image" ? gallery : files).append(tile)
  recount()
  return tile
}

// Takes a tile off the page; what it returns puts it back where it was.
export function takeOut(uuid) {
  const tile = findTile(uuid)
  const place = { tile, list: tile.parentElement, next: tile.nextElementSibling }
  const neighbour = place.next ?? tile.previousElementSibling
  tile.remove()
  recount()
  neighbour?.querySelector("a, button")?.focus({ preventScroll: true })
  return place
}

export function putBack({ tile, list, next }) {
  list.insertBefore(tile, next?.isConnected ? next : null)
  recount()
  tile.querySelector("a, button")?.focus({ preventScroll: true })
}

function replace(old, tile) {
  const hadFocus = old.contains(document.activeElement)
  old.replaceWith(tile)
  if (hadFocus) tile.querySelector("a, button")?.focus({ preventScroll: true })
}

function recount() {
  const photos = [...gallery.querySelectorAll(".gallery-item")]
  photos.forEach((tile, index) => (tile.dataset.lightboxIndex = index))
  showCount("[data-photo-count]", photos.length, "photograph", "photographs")
  showCount("[data-file-count]", files.children.length, "other file", "other files")
  collection.querySelector("[data-files-section]").hidden = files.children.length === 0
}

function showCount(selector, count, one, many) {
  const place = document.querySelector(selector)
  place.textContent = plural(count, one, many)
  place.hidden = count === 0
}
