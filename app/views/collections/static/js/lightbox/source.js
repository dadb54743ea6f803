// The source of the lightbox's photos, in the order of the page:
//
//   count                    the number of photos, loaded or not
//   indexOf(uuid)            promise of the index; -1 if it is not in the collection
//   item(index)              the slide (see items.js); null if it is not loaded; the same object until it changes
//   load(index)              promise; item(index) is loaded when it resolves; rejects if it cannot be fetched
//   element(index)           the tile; null if it is not in the page
//   reveal(index)            scroll to the tile; promise of the tile
//   onChange(listener)       call `listener` when photos are added, removed, moved or loaded; returns a function that stops it
//
// A page that does not contain all tiles calls `provideSource` before DOMContentLoaded.

import { slideOf } from "./items.js"

let provided = null

export function provideSource(source) {
  provided = source
}

export function sourceFor(gallery) {
  return (provided ??= new TileSource(gallery))
}

// The source for pages that contain all tiles.
class TileSource {
  #gallery
  #tiles = null
  #slides = new WeakMap()
  #listeners = new Set()

  constructor(gallery) {
    this.#gallery = gallery
    new MutationObserver(() => this.#changed()).observe(gallery, { childList: true })
  }

  get count() {
    return this.#all.length
  }

  async indexOf(uuid) {
    return this.#all.findIndex((tile) => tile.dataset.fileUuid === uuid)
  }

  item(index) {
    const tile = this.element(index)
    if (!tile) return null
    if (!this.#slides.has(tile)) this.#slides.set(tile, slideOf(tile))
    return this.#slides.get(tile)
  }

  async load(index) {
    if (!this.element(index)) throw new RangeError(`There is no photo ${index}`)
  }

  element(index) {
    return this.#all[index] ?? null
  }

  async reveal(index) {
    const tile = this.element(index)
    tile?.scrollIntoView({ block: "nearest", behavior: "instant" })
    return tile
  }

  onChange(listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get #all() {
    return (this.#tiles ??= [...this.#gallery.querySelectorAll(".gallery-item[data-lightbox-index]")])
  }

  #changed() {
    this.#tiles = null
    this.#listeners.forEach((listener) => listener())
  }
}
