// Where the lightbox gets its photographs from, in the order of the page:
//
//   count                    how many there are, loaded or not
//   indexOf(uuid)            promise of its place, -1 if it is not (or no longer) in the collection
//   item(index)              its slide (see lightbox_items.js), or null while it is not loaded; the same object as long
//                            as nothing about it has changed
//   load(index)              promise that item(index) is there; rejects if it cannot be had
//   element(index)           its tile, or null while the page has none for it
//   reveal(index)            brings its tile into view; promise of the tile
//   onChange(listener)       calls it when photographs came, went, moved or settled; returns how to stop that
//
// A page that keeps few tiles of many provides its own with `provideSource`, before DOMContentLoaded.

import { slideOf } from "./items.js"

let provided = null

export function provideSource(source) {
  provided = source
}

export function sourceFor(gallery) {
  return (provided ??= new TileSource(gallery))
}

// All photographs are tiles of the page.
export class TileSource {
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
    if (!this.element(index)) throw new RangeError(`There is no photograph ${index}`)
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
