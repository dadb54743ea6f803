// The photo that is being moved. Its button picks it up and puts it down (click, tap, Enter or Space). It moves to the place
// of another photo that is clicked, or with the arrow keys, Home and End; Escape puts it back.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 }
const ROWS = { ArrowUp: -1, ArrowDown: 1 }
const BAR = 84 // px at the top of the screen that the bar may cover

export class HeldPhoto {
  #list
  #buttons
  #moves
  #announce
  #held = null // { uuid, name, from, release }

  constructor({ list, buttons, moves, announce }) {
    this.#list = list
    this.#buttons = buttons
    this.#moves = moves
    this.#announce = announce
  }

  choose({ target }) {
    const tile = target.closest(".tile-mover")?.parentElement
    if (!tile) return
    if (!this.#held) return this.pickUp(tile)
    const index = this.#list.indexOf(tile)
    this.putAt(index)
    this.#focus(index)
  }

  pickUp(tile) {
    const { fileUuid: uuid, fileName: name } = tile.dataset
    const from = this.#list.indexOf(tile)
    this.#held = { uuid, name, from }
    this.#list.holdUpdates(new Promise((resolve) => (this.#held.release = resolve)))
    this.#buttons.hold(uuid)
    this.#announce(`${name} picked up from position ${this.#position(from)}. Choose its new place.`)
  }

  putAt(index) {
    if (!this.#held) return
    this.#moveTo(index)
    const { from } = this.#held
    const held = this.#release()
    if (index === from) this.#announce(`${held.name} stays where it was.`)
    else this.#moves.save(held, from, index)
    held.release(this.#moves.pending)
  }

  putBack() {
    if (!this.#held) return
    const { from } = this.#held
    this.#moveTo(from)
    const held = this.#release()
    this.#announce(`${held.name} is back where it was.`)
    held.release(this.#moves.pending)
  }

  // Put the photo back and move the focus to it.
  cancel() {
    const { from } = this.#held
    this.putBack()
    this.#focus(from)
  }

  key(event) {
    if (!this.#held) return
    const to = this.#indexFor(event.key)
    if (to === null) return
    event.preventDefault()
    if (event.key === "Escape") return this.cancel()
    if (to !== this.#index) this.#step(to)
    this.#focus(to)
  }

  // The index that a key moves the photo to; null for other keys.
  #indexFor(key) {
    if (key === "Escape") return this.#held.from
    if (key === "Home") return 0
    if (key === "End") return this.#list.count - 1
    if (key in ROWS) return this.#inNextRow(ROWS[key])
    return key in STEPS ? Math.min(this.#list.count - 1, Math.max(0, this.#index + STEPS[key])) : null
  }

  // The index of the horizontally nearest photo in the row above (`step` -1) or below (1).
  #inNextRow(step) {
    const here = middleOf(this.#list.tile(this.#index))
    let best = null
    for (let index = this.#index + step; this.#list.tile(index)?.isConnected; index += step) {
      const there = middleOf(this.#list.tile(index))
      if (best && there.y !== best.y) break
      const away = Math.abs(there.x - here.x)
      if (there.y !== here.y && !(away >= best?.away)) best = { index, away, y: there.y }
    }
    return best?.index ?? this.#index
  }

  #step(to) {
    this.#moveTo(to)
    this.#announce(`${this.#held.name}: position ${this.#position(to)}.`)
  }

  #moveTo(index) {
    if (index !== this.#index) this.#list.move(this.#index, index)
  }

  #release() {
    const held = this.#held
    this.#held = null
    this.#buttons.hold(null)
    return held
  }

  async #focus(index) {
    const { fileUuid } = this.#list.tile(index)?.dataset ?? {}
    const tile = await this.#list.reveal(index, BAR).catch(() => null) // another key moved it during the wait
    if (tile?.dataset.fileUuid === (this.#held?.uuid ?? fileUuid)) tile.querySelector(".tile-mover")?.focus({ preventScroll: true })
  }

  get #index() {
    const found = this.#list.find(this.#held.uuid)
    return found < 0 ? this.#held.from : found // an album unloads tiles far from the screen
  }

  #position(index) {
    return `${(index + 1).toLocaleString("en")} of ${this.#list.count.toLocaleString("en")}`
  }
}

// `y` is the top edge, which is the same for all tiles of a row.
function middleOf(tile) {
  const { left, width, top } = tile.getBoundingClientRect()
  return { x: left + width / 2, y: Math.round(top) }
}
