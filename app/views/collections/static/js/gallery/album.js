// A long gallery, of which only the tiles near the screen are in the page: the layout of all photos (ratios and days), the
// tiles fetched so far, and the window that shows them. Fires `change` when photos are added, removed, moved or loaded.

import { headingOf } from "./days.js"
import { getJson } from "../shared/http.js"
import { Slices } from "./slices.js"
import { GridWindow } from "./grid_window.js"

const INTERVAL = 2000 // ms between two updates of the layout

export class Album extends EventTarget {
  ratios = []
  days = []
  total
  revision = ""
  #data
  #gallery
  #slices
  #window = null
  #scheduled = null // promise of the next update of the layout
  #running
  #pause
  #hold // promise; the layout is not updated before it settles

  constructor(collection, gallery) {
    super()
    this.#data = collection.dataset
    this.#gallery = gallery
    this.total = Number(this.#data.total)
    this.#slices = new Slices((start, count) => this.#url(this.#data.tilesUrl, { start, count }), () => this.#arrived())
  }

  // Take over the tiles that came with the page. The photo at the top of the screen stays in place.
  open() {
    return (this.#running = this.#open())
  }

  async #open() {
    const tiles = [...this.#gallery.querySelectorAll(".gallery-item")]
    tiles.forEach((tile) => this.#slices.put(Number(tile.dataset.lightboxIndex), tile))
    Object.assign(this, await this.#layout())
    const top = tiles[0]?.getBoundingClientRect().top
    this.#window = new GridWindow(this.#gallery, this)
    this.#window.layOut()
    if (Number(this.#data.start)) scrollBy({ top: tiles[0].getBoundingClientRect().top - top, behavior: "instant" })
  }

  // --- the source of GridWindow ---

  tile(index) {
    return this.#slices.get(index)
  }

  want(first, last) {
    this.#slices.want(first, last)
  }

  heading(day) {
    return headingOf(...this.days[day])
  }

  // --- photos by index ---

  find(uuid) {
    return this.tile(this.#slices.find(uuid))
  }

  // The tiles in memory.
  get tiles() {
    return this.#slices.known
  }

  // Resolves with -1 if the collection does not have it.
  async indexOf(uuid) {
    const known = this.#slices.find(uuid)
    if (known >= 0) return known
    const { index } = await getJson(this.#url(this.#data.positionUrl, { file: uuid })).catch(() => ({ index: -1 }))
    return index
  }

  load(index) {
    return this.#slices.load(index)
  }

  // Scroll to a photo unless it is completely visible, with `margin` px above it. Resolves with its tile.
  async reveal(index, margin = this.#edge) {
    await this.load(index)
    const top = this.#window.topOf(index)
    const { height } = this.#window.rowWith(index)
    if (top < scrollY + margin || top + height > scrollY + innerHeight) this.scrollTo(index, margin)
    while (!this.tile(index).isConnected) await new Promise(requestAnimationFrame) // the window draws over several frames
    return this.tile(index)
  }

  scrollTo(index, margin = this.#edge) {
    scrollTo({ top: this.#window.topOf(index) - margin, behavior: "instant" })
    this.#window.drawNow()
  }

  // Scroll to a day, given the index of its first photo. Resolves with that photo's tile.
  goToDay(first) {
    this.scrollTo(first)
    return this.reveal(first, 0)
  }

  // The photo at the top of the screen: {index, offset, uuid, revision}, `offset` being the px of its row above the edge.
  // Null if the gallery begins below the edge.
  get place() {
    const found = this.#window?.atTop()
    return found && { ...found, uuid: this.tile(found.index)?.dataset.fileUuid, revision: this.revision }
  }

  async goTo({ uuid, index, offset, revision }) {
    const now = revision === this.revision || !uuid ? index : await this.indexOf(uuid)
    if (now >= 0) this.scrollTo(Math.min(now, this.total - 1), -offset)
  }

  // --- changes ---

  replace(old, tile) {
    const index = this.#slices.indexOf(old)
    this.#slices.put(index, tile)
    const ratio = ratioOf(tile)
    if (ratio === this.ratios[index]) return this.#arrived()
    this.ratios[index] = ratio
    this.#layOut()
  }

  removeTile(tile) {
    const index = this.#slices.indexOf(tile)
    const day = this.#dayOf(index)
    this.#slices.splice(index, 1)
    const [ratio] = this.ratios.splice(index, 1)
    this.#addToCount(day, -1)
    return { tile, index, ratio, day }
  }

  restoreTile({ tile, index, ratio, day }) {
    this.#slices.splice(index, 0, tile)
    this.ratios.splice(index, 0, ratio)
    this.#addToCount(day, 1)
  }

  move(from, to) {
    const [tile] = this.#slices.splice(from, 1)
    this.#slices.splice(to, 0, tile ?? undefined)
    this.ratios.splice(to, 0, ...this.ratios.splice(from, 1))
    this.#layOut()
  }

  // Update the layout from the server, at most every 2 seconds. Resolves after an update that began after this call. The
  // photo at the top of the screen stays in place.
  refresh() {
    return (this.#scheduled ??= this.#schedule())
  }

  async #schedule() {
    await Promise.allSettled([this.#running, this.#pause])
    this.#scheduled = null
    this.#pause = new Promise((resolve) => setTimeout(resolve, INTERVAL))
    return (this.#running = this.#refresh())
  }

  // Do not update the layout until this promise settles.
  holdUpdates(until) {
    this.#hold = until
  }

  async #refresh() {
    let layout, shift, hold
    do {
      hold = this.#hold
      await hold
      layout = await this.#layout()
      shift = layout.revision === this.revision ? 0 : await this.#shift()
    } while (hold !== this.#hold) // a move began during the request, so the response may not include it
    if (layout.revision !== this.revision) this.#apply(layout, shift)
  }

  async #layout() {
    const { total, revision, ratios, days } = await getJson(this.#url(this.#data.layoutUrl))
    return { total, revision, ratios, days: days.some(([day]) => day) ? days : [] }
  }

  // By how many places the photo at the top of the screen has moved.
  async #shift() {
    const { place } = this
    if (!place?.uuid) return 0
    const { index } = await getJson(this.#url(this.#data.positionUrl, { file: place.uuid })).catch(() => place)
    return index - place.index
  }

  #apply(layout, shift) {
    const { place } = this
    Object.assign(this, layout)
    const shown = [...this.#gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
    const moved = shown.map((tile) => [Number(tile.dataset.lightboxIndex) + shift, tile])
    this.#slices.reset(new Map(moved.filter(([to]) => to >= 0 && to < this.total)))
    this.#window.layOut()
    if (place) this.scrollTo(Math.min(place.index + shift, this.total - 1), -place.offset)
    this.dispatchEvent(new Event("change"))
  }

  #arrived() {
    this.#window?.refresh()
    this.dispatchEvent(new Event("change"))
  }

  #addToCount(day, change) {
    this.total += change
    if (this.days.length) this.days[day] = [this.days[day][0], this.days[day][1] + change]
    this.#layOut()
  }

  #layOut() {
    const { place } = this
    this.#window.layOut()
    if (place) this.scrollTo(Math.min(place.index, this.total - 1), -place.offset)
    this.dispatchEvent(new Event("change"))
  }

  #dayOf(index) {
    let end = 0
    return this.days.findIndex(([, count]) => (end += count) > index)
  }

  // The height in px that a sticky heading covers at the top of the screen.
  get #edge() {
    return this.days.length ? this.#window.edge : 12
  }

  #url(base, values = {}) {
    return `${base}?${new URLSearchParams({ sort: this.#data.sort, ...values })}`
  }
}

function ratioOf(tile) {
  return Number(/(?:^| )r(\d+)/.exec(tile.className)?.[1] ?? 150)
}
