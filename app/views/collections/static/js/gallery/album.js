// All photographs of a collection in order, few of which are tiles of the page: the layout of all (ratios and days), the
// slices of tiles that have been fetched, and the window that shows those near the screen.
// Fires `change` when photographs came, went, moved or arrived.

import { headingOf } from "./days.js"
import { getJson } from "../shared/http.js"
import { Slices } from "./slices.js"
import { GridWindow } from "./grid_window.js"

const LOOK_AGAIN = 2000 // ms between two looks at the layout while files come in

export class Album extends EventTarget {
  ratios = []
  days = []
  total
  revision = ""
  #data
  #gallery
  #slices
  #window = null
  #next = null // the look at the layout that is to come
  #running // what has to be over before it begins
  #rest
  #still // nothing may move before this is settled

  constructor(collection, gallery) {
    super()
    this.#data = collection.dataset
    this.#gallery = gallery
    this.total = Number(this.#data.total)
    this.#slices = new Slices((start, count) => this.#url(this.#data.tilesUrl, { start, count }), () => this.#arrived())
  }

  // Takes over from the page that the server has made; what of it is on the screen stays where it is.
  open() {
    return (this.#running = this.#open())
  }

  async #open() {
    const tiles = [...this.#gallery.querySelectorAll(".gallery-item")]
    tiles.forEach((tile) => this.#slices.put(Number(tile.dataset.lightboxIndex), tile))
    Object.assign(this, await this.#layout())
    const top = tiles[0]?.getBoundingClientRect().top
    this.#window = new GridWindow(this.#gallery, this)
    this.#window.lay()
    if (Number(this.#data.start)) scrollBy({ top: tiles[0].getBoundingClientRect().top - top, behavior: "instant" })
  }

  // --- what the window asks ---

  tile(index) {
    return this.#slices.get(index)
  }

  want(first, last) {
    this.#slices.want(first, last)
  }

  heading(day) {
    return headingOf(...this.days[day])
  }

  // --- photographs by their place ---

  find(uuid) {
    return this.tile(this.#slices.find(uuid))
  }

  async indexOf(uuid) {
    const known = this.#slices.find(uuid)
    if (known >= 0) return known
    const { index } = await getJson(this.#url(this.#data.positionUrl, { file: uuid })).catch(() => ({ index: -1 }))
    return index
  }

  load(index) {
    return this.#slices.load(index)
  }

  // Scrolls to a photograph unless all of it is on the screen; `below` is left free above it, in px.
  async reveal(index, below = this.#edge) {
    await this.load(index)
    const top = this.#window.topOf(index)
    const { height } = this.#window.rowWith(index)
    if (top < scrollY + below || top + height > scrollY + innerHeight) this.scrollTo(index, below)
    while (!this.tile(index).isConnected) await new Promise(requestAnimationFrame) // a window takes a frame or two
    return this.tile(index)
  }

  scrollTo(index, below = this.#edge) {
    scrollTo({ top: this.#window.topOf(index) - below, behavior: "instant" })
    this.#window.drawNow()
  }

  // Scrolls to the first photograph of a day, below its heading; promise of its tile.
  goToDay(first) {
    this.scrollTo(first)
    return this.reveal(first, 0)
  }

  // The photograph at the upper edge of the screen and how many px of its row are above that; null above the gallery.
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
    this.#layAgain()
  }

  takeOut(tile) {
    const index = this.#slices.indexOf(tile)
    const day = this.#dayOf(index)
    this.#slices.splice(index, 1)
    const [ratio] = this.ratios.splice(index, 1)
    this.#count(day, -1)
    return { tile, index, ratio, day }
  }

  putBack({ tile, index, ratio, day }) {
    this.#slices.splice(index, 0, tile)
    this.ratios.splice(index, 0, ratio)
    this.#count(day, 1)
  }

  move(from, to) {
    const [tile] = this.#slices.splice(from, 1)
    this.#slices.splice(to, 0, tile ?? undefined)
    this.ratios.splice(to, 0, ...this.ratios.splice(from, 1))
    this.#layAgain()
  }

  // Looks at the layout, seldom however many ask; resolves when a look that began after the question is over. If it is
  // another one, everything may lie elsewhere, but what is looked at stays in its place.
  refresh() {
    return (this.#next ??= this.#look())
  }

  async #look() {
    await Promise.allSettled([this.#running, this.#rest])
    this.#next = null
    this.#rest = new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
    return (this.#running = this.#refresh())
  }

  // Nothing moves by itself until the promise is settled.
  keepStill(until) {
    this.#still = until
  }

  async #refresh() {
    let layout, shift, still
    do {
      still = this.#still
      await still
      layout = await this.#layout()
      shift = layout.revision === this.revision ? 0 : await this.#shift()
    } while (still !== this.#still) // somebody moves a photograph: what was answered may not know of it
    if (layout.revision !== this.revision) this.#take(layout, shift)
  }

  async #layout() {
    const { total, revision, ratios, days } = await getJson(this.#url(this.#data.layoutUrl))
    return { total, revision, ratios, days: days.some(([day]) => day) ? days : [] }
  }

  // By how many places what is looked at moves.
  async #shift() {
    const { place } = this
    if (!place?.uuid) return 0
    const { index } = await getJson(this.#url(this.#data.positionUrl, { file: place.uuid })).catch(() => place)
    return index - place.index
  }

  #take(layout, shift) {
    const { place } = this
    Object.assign(this, layout)
    const shown = [...this.#gallery.querySelectorAll(".gallery-item[data-file-uuid]")]
    const moved = shown.map((tile) => [Number(tile.dataset.lightboxIndex) + shift, tile])
    this.#slices.reset(new Map(moved.filter(([to]) => to >= 0 && to < this.total)))
    this.#window.lay()
    if (place) this.scrollTo(Math.min(place.index + shift, this.total - 1), -place.offset)
    this.dispatchEvent(new Event("change"))
  }

  #arrived() {
    this.#window?.refresh()
    this.dispatchEvent(new Event("change"))
  }

  #count(day, change) {
    this.total += change
    if (this.days.length) this.days[day] = [this.days[day][0], this.days[day][1] + change]
    this.#layAgain()
  }

  #layAgain() {
    const { place } = this
    this.#window.lay()
    if (place) this.scrollTo(Math.min(place.index, this.total - 1), -place.offset)
    this.dispatchEvent(new Event("change"))
  }

  #dayOf(index) {
    let end = 0
    return this.days.findIndex(([, count]) => (end += count) > index)
  }

  // What a heading that sticks to the upper edge covers, in px.
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

