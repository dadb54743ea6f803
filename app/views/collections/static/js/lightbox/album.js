// All photos of an album as a source for the lightbox (see source.js), loaded or not.

import { slideOf } from "./items.js"

export class AlbumSource {
  #album
  #slides = new WeakMap()

  constructor(album) {
    this.#album = album
  }

  get count() {
    return this.#album.total
  }

  indexOf(uuid) {
    return this.#album.indexOf(uuid)
  }

  item(index) {
    const tile = this.#album.tile(index)
    if (!tile) return null
    if (!this.#slides.has(tile)) this.#slides.set(tile, slideOf(tile))
    return this.#slides.get(tile)
  }

  load(index) {
    return this.#album.load(index)
  }

  element(index) {
    const tile = this.#album.tile(index)
    return tile?.isConnected ? tile : null
  }

  reveal(index) {
    return this.#album.reveal(index)
  }

  onChange(listener) {
    this.#album.addEventListener("change", listener)
    return () => this.#album.removeEventListener("change", listener)
  }
}
