// The photos in order, for the arrange mode: from the page, or from an album.

export class PhotoList {
  #gallery
  #album

  constructor(gallery, album) {
    this.#gallery = gallery
    this.#album = album
  }

  get count() {
    return this.#album()?.total ?? this.#all.length
  }

  // Null if it is not loaded.
  tile(index) {
    return (this.#album() ? this.#album().tile(index) : this.#all[index]) ?? null
  }

  // The index of a photo; -1 if it is not loaded.
  find(uuid) {
    const tile = document.getElementById(`file-${uuid}`) ?? this.#album()?.find(uuid)
    return tile ? this.indexOf(tile) : -1
  }

  indexOf(tile) {
    return Number(tile.dataset.lightboxIndex)
  }

  async uuid(index) {
    await this.#album()?.load(index)
    return this.tile(index).dataset.fileUuid
  }

  move(from, to) {
    if (this.#album()) return this.#album().move(from, to)
    const tile = this.#all[from]
    tile.remove()
    this.#gallery.insertBefore(tile, this.#all[to] ?? null)
    this.#all.forEach((each, index) => (each.dataset.lightboxIndex = index))
  }

  // Scroll to a photo, with `margin` px above it; resolves with its tile.
  async reveal(index, margin) {
    if (this.#album()) return this.#album().reveal(index, margin)
    this.tile(index).scrollIntoView({ block: "nearest", behavior: "instant" })
    return this.tile(index)
  }

  // Do not update the layout until this promise settles.
  holdUpdates(until) {
    this.#album()?.holdUpdates(until)
  }

  get #all() {
    return [...this.#gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
  }
}
