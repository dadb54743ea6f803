// The photographs in order, as arranging sees them: all in the page, or in an album.

export class Photographs {
  #gallery
  #album

  constructor(gallery, album) {
    this.#gallery = gallery
    this.#album = album
  }

  get count() {
    return this.#album()?.total ?? this.#all.length
  }

  // Null while it is not loaded.
  tile(index) {
    return (this.#album() ? this.#album().tile(index) : this.#all[index]) ?? null
  }

  // -1 where it is not loaded.
  find(uuid) {
    const tile = document.getElementById(`file-${uuid}`) ?? this.#album()?.find(uuid)
    return tile ? this.placeOf(tile) : -1
  }

  placeOf(tile) {
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

  // Brings it into view; promise of its tile. `below` is covered at the upper edge, in px.
  async reveal(index, below) {
    if (this.#album()) return this.#album().reveal(index, below)
    this.tile(index).scrollIntoView({ block: "nearest", behavior: "instant" })
    return this.tile(index)
  }

  // Nothing moves by itself until the promise is settled.
  keepStill(until) {
    this.#album()?.keepStill(until)
  }

  get #all() {
    return [...this.#gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
  }
}
