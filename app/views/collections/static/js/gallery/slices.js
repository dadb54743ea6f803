// The tiles of the collection by index, fetched in slices when they are needed. Those nearest to the last wanted range are
// kept in memory, KEPT at most.

import { getText } from "../shared/http.js"
import { withRetries } from "../shared/retry.js"

const SLICE = 60
const KEPT = 600 // ten slices: several screens of 2560 px, and about 12 MB of small variants
const PAUSE = 60 // ms without a change before a fetch, so that a fast scroll fetches only its end
const MAX_PAUSE = 240 // ms, for a scroll that does not stop

export class Slices {
  #urlFor
  #onArrival
  #tiles = []
  #stale = new Set()
  #kept = 0
  #fetches = new Map() // number of the slice -> { abort, done }
  #wanted = [0, 0]
  #timer = null
  #since = 0

  // `urlFor(start, count)` returns the URL of a slice; `onArrival()` is called after tiles were added.
  constructor(urlFor, onArrival) {
    this.#urlFor = urlFor
    this.#onArrival = onArrival
  }

  get(index) {
    return this.#tiles[index] ?? null
  }

  indexOf(tile) {
    return this.#tiles.indexOf(tile)
  }

  get known() {
    return this.#tiles.filter(Boolean)
  }

  find(uuid) {
    return this.#tiles.findIndex((tile) => tile?.dataset.fileUuid === uuid)
  }

  put(index, tile) {
    if (!this.#tiles[index]) this.#kept += 1
    this.#tiles[index] = tile
    this.#stale.delete(index)
    tile.dataset.lightboxIndex = index
  }

  // As Array.splice. Running fetches are aborted, because their responses have the old order.
  splice(index, out, ...tiles) {
    this.#abortAll()
    this.#tiles.length = Math.max(this.#tiles.length, index)
    const gone = this.#tiles.splice(index, out, ...tiles)
    for (let at = index; at < this.#tiles.length; at += 1) if (this.#tiles[at]) this.#tiles[at].dataset.lightboxIndex = at
    this.#kept += tiles.filter(Boolean).length - gone.filter(Boolean).length
    this.#fetchWanted()
    return gone
  }

  // Forget all tiles, except `known` (new index -> tile), which are shown until they are fetched again.
  reset(known = new Map()) {
    this.#abortAll()
    this.#tiles = []
    this.#kept = 0
    this.#stale = new Set(known.keys())
    known.forEach((tile, index) => this.put(index, tile))
    this.#stale = new Set(known.keys())
  }

  want(first, last) {
    const [before] = this.#wanted
    this.#wanted = [first, last]
    if (before !== first) this.#since ||= performance.now()
    clearTimeout(this.#timer)
    const waited = this.#since && performance.now() - this.#since
    this.#timer = setTimeout(() => this.#fetchWanted(), Math.max(0, Math.min(PAUSE, MAX_PAUSE - waited)))
  }

  // Resolves when the tile is loaded; rejects if it cannot be fetched.
  async load(index) {
    if (!this.get(index)) await this.#fetch(Math.floor(index / SLICE))
    if (!this.get(index)) throw new RangeError(`There is no photo ${index}`)
  }

  #fetchWanted() {
    this.#since = 0
    const [first, last] = this.#wanted.map((index) => Math.floor(index / SLICE))
    for (const [number, { abort, kept }] of this.#fetches) if (!kept && (number < first || number > last)) abort.abort()
    for (let number = first; number <= last; number += 1) if (this.#lacks(number)) this.#fetch(number, false).catch(() => {})
  }

  #lacks(number) {
    const [first, last] = this.#wanted
    const start = Math.max(first, number * SLICE)
    const end = Math.min(last + 1, (number + 1) * SLICE)
    for (let index = start; index < end; index += 1) if (!this.#tiles[index] || this.#stale.has(index)) return true
    return false
  }

  // `kept`: not aborted when the page scrolls away.
  #fetch(number, kept = true) {
    const running = this.#fetches.get(number)
    if (running) {
      running.kept ||= kept
      return running.done
    }
    const fetching = { abort: new AbortController(), kept }
    this.#fetches.set(number, fetching)
    fetching.done = this.#take(number, fetching).finally(() => {
      if (this.#fetches.get(number) === fetching) this.#fetches.delete(number)
    })
    return fetching.done
  }

  async #take(number, { abort }) {
    const html = await withRetries(() => getText(this.#urlFor(number * SLICE, SLICE), { signal: abort.signal }))
    if (abort.signal.aborted) return
    const holder = document.createElement("template")
    holder.innerHTML = html
    for (const [place, tile] of [...holder.content.querySelectorAll(".gallery-item")].entries()) {
      const index = number * SLICE + place
      if (!this.#tiles[index] || this.#stale.has(index)) this.put(index, document.adoptNode(tile))
    }
    this.#forget()
    this.#onArrival()
  }

  #forget() {
    if (this.#kept <= KEPT) return
    const middle = (this.#wanted[0] + this.#wanted[1]) / 2
    const far = Object.keys(this.#tiles).map(Number).filter((index) => this.#tiles[index])
    far.sort((one, other) => Math.abs(other - middle) - Math.abs(one - middle))
    for (const index of far.slice(0, this.#kept - KEPT + SLICE)) {
      delete this.#tiles[index]
      this.#kept -= 1
    }
  }

  #abortAll() {
    this.#fetches.forEach(({ abort }) => abort.abort())
    this.#fetches.clear()
  }
}
