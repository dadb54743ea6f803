// Finds, inserts, replaces and removes tiles, which the server renders. In long galleries the album (album.js) also has
// tiles that are not in the page.

import { refreshHead } from "./head.js"
import { getText } from "../shared/http.js"
import { showPlaceholder } from "./placeholder.js"
import { plural } from "../shared/format.js"

const EMPTY_UUID = "00000000-0000-0000-0000-000000000000"
const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
const files = collection.querySelector("[data-files]")
let album = null

export function useAlbum(opened) {
  album = opened
}

export function findTile(uuid) {
  return document.getElementById(`file-${uuid}`) ?? album?.find(uuid) ?? null
}

export function allTiles() {
  return [...collection.querySelectorAll(".gallery-item[data-file-uuid]")]
}

export function insertLocalTile(tile) {
  const list = album ? collection.querySelector("[data-arrivals]") : gallery
  list.append(tile)
}

// Fetch a tile from the server; it replaces the old tile or the local tile, or is inserted in order. Resolves with it.
export async function refreshTile(uuid, localTile = null) {
  const tile = await fetchTile(uuid)
  const old = findTile(uuid)
  if (old) replace(old, tile)
  else if (tile.dataset.kind !== "image") files.append(tile)
  else if (album) await album.refresh()
  else if (localTile?.isConnected) replace(localTile, tile)
  else gallery.insertBefore(tile, placeFor(tile))
  localTile?.remove()
  changed()
  return tile
}

async function fetchTile(uuid) {
  const { tileUrl, sort } = collection.dataset
  const holder = document.createElement("template")
  holder.innerHTML = await getText(`${tileUrl.replace(EMPTY_UUID, uuid)}${sort ? `?sort=${sort}` : ""}`)
  const tile = document.adoptNode(holder.content.querySelector(".gallery-item"))
  showPlaceholder(tile)
  return tile
}

// Remove a tile from the page; returns the argument for restoreTile.
export function removeTile(uuid) {
  const tile = findTile(uuid)
  const next = tile.nextElementSibling
  const neighbour = (next?.matches(".gallery-item") && next) || tile.previousElementSibling
  const place = inAlbum(tile) ? album.removeTile(tile) : { tile, list: tile.parentElement, next }
  const hadFocus = tile.contains(document.activeElement)
  tile.remove()
  changed()
  if (hadFocus) neighbour?.querySelector("a, button")?.focus({ preventScroll: true })
  return place
}

export function restoreTile(place) {
  const { tile, list, next } = place
  if (list) list.insertBefore(tile, next?.isConnected ? next : null)
  else album.restoreTile(place)
  changed()
  tile.querySelector("a, button")?.focus({ preventScroll: true })
}

function replace(old, tile) {
  const hadFocus = old.contains(document.activeElement)
  if (inAlbum(old)) album.replace(old, tile)
  else old.replaceWith(tile)
  if (hadFocus) tile.querySelector("a, button")?.focus({ preventScroll: true })
}

function inAlbum(tile) {
  return album && tile.dataset.kind === "image"
}

// The tile before which a new one is inserted, by the index from the server; null for the end.
function placeFor(tile) {
  const index = Number(tile.dataset.lightboxIndex)
  return gallery.querySelectorAll(".gallery-item[data-file-uuid]")[index] ?? null
}

// Update the counts at once, and the rest of the head when the server responds.
function changed() {
  recount()
  refreshHead()
}

export function recount() {
  const photos = [...gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
  if (!album) photos.forEach((tile, index) => (tile.dataset.lightboxIndex = index))
  const readable = album ? album.total - collection.dataset.failed : photos.filter((tile) => tile.dataset.status !== "failed").length
  showCount("[data-photo-count]", readable, "photo", "photos")
  if (!collection.querySelector('[data-pager="files"]')) showCount("[data-file-count]", files.children.length, "other file", "other files")
  collection.querySelector("[data-files-section]").hidden = files.children.length === 0
}

function showCount(selector, count, one, many) {
  const element = document.querySelector(selector)
  element.textContent = plural(count, one, many)
  element.hidden = count === 0
}
