// The tiles of the page. The server renders each of them; here they are only put in their place. Where a gallery is too
// long to be all in the page, its album (album.js) knows the tiles that are not.

import { refreshHead } from "./head.js"
import { getText } from "../shared/http.js"
import { showLikeness } from "./placeholder.js"
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

// Where a picture stands that the server does not have yet.
export function placeStandIn(tile) {
  const place = album ? collection.querySelector("[data-arrivals]") : gallery
  place.append(tile)
}

// Fetches the tile as the server sees it now, and shows it instead of the old one, of its stand-in, or in its place.
export async function refreshTile(uuid, standIn = null) {
  const tile = await fetchTile(uuid)
  const old = findTile(uuid)
  if (old) replace(old, tile)
  else if (tile.dataset.kind !== "image") files.append(tile)
  else if (album) await album.refresh()
  else if (standIn?.isConnected) replace(standIn, tile)
  else gallery.insertBefore(tile, placeFor(tile))
  standIn?.remove()
  changed()
  return tile
}

async function fetchTile(uuid) {
  const { tileUrl, sort } = collection.dataset
  const holder = document.createElement("template")
  holder.innerHTML = await getText(`${tileUrl.replace(EMPTY_UUID, uuid)}${sort ? `?sort=${sort}` : ""}`)
  const tile = document.adoptNode(holder.content.querySelector(".gallery-item"))
  showLikeness(tile)
  return tile
}

// Takes a tile off the page; what it returns puts it back where it was.
export function takeOut(uuid) {
  const tile = findTile(uuid)
  const next = tile.nextElementSibling
  const neighbour = (next?.matches(".gallery-item") && next) || tile.previousElementSibling
  const place = inAlbum(tile) ? album.takeOut(tile) : { tile, list: tile.parentElement, next }
  const hadFocus = tile.contains(document.activeElement)
  tile.remove()
  changed()
  if (hadFocus) neighbour?.querySelector("a, button")?.focus({ preventScroll: true })
  return place
}

export function putBack(place) {
  const { tile, list, next } = place
  if (list) list.insertBefore(tile, next?.isConnected ? next : null)
  else album.putBack(place)
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

// The server says where in the order it is; what is in the page already is in order.
function placeFor(tile) {
  const index = Number(tile.dataset.lightboxIndex)
  return gallery.querySelectorAll(".gallery-item[data-file-uuid]")[index] ?? null
}

// The numbers change at once, the rest of the head as soon as the server has said it.
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
  const place = document.querySelector(selector)
  place.textContent = plural(count, one, many)
  place.hidden = count === 0
}
