// One photograph in the hand. It is picked up and put down by its button (a click, a tap, Enter or Space), and goes where
// another one is chosen, or with the arrow keys, Home and End; Escape puts it back.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 }
const ROWS = { ArrowUp: -1, ArrowDown: 1 }
const CLEAR = 84 // px below the upper edge of the screen that the bar may cover

export class Hold {
  #list
  #movers
  #moves
  #say
  #held = null // { uuid, name, from, release }

  constructor({ list, movers, moves, say }) {
    this.#list = list
    this.#movers = movers
    this.#moves = moves
    this.#say = say
  }

  choose({ target }) {
    const tile = target.closest(".tile-mover")?.parentElement
    if (!tile) return
    if (!this.#held) return this.pickUp(tile)
    const at = this.#list.placeOf(tile)
    this.putAt(at)
    this.#focus(at)
  }

  pickUp(tile) {
    const { fileUuid: uuid, fileName: name } = tile.dataset
    const from = this.#list.placeOf(tile)
    this.#held = { uuid, name, from }
    this.#list.keepStill(new Promise((resolve) => (this.#held.release = resolve)))
    this.#movers.hold(uuid)
    this.#say(`${name} picked up, photograph ${this.#number(from)}. Choose its new place.`)
  }

  putAt(place) {
    if (!this.#held) return
    this.#to(place)
    const { from } = this.#held
    const held = this.#letGo()
    if (place === from) this.#say(`${held.name} is where it was.`)
    else this.#moves.save(held, from, place)
    held.release(this.#moves.pending)
  }

  putBack() {
    if (!this.#held) return
    const { from } = this.#held
    this.#to(from)
    const held = this.#letGo()
    this.#say(`${held.name} is back where it was.`)
    held.release(this.#moves.pending)
  }

  // As putBack, for somebody who is not at the photograph.
  cancel() {
    const { from } = this.#held
    this.putBack()
    this.#focus(from)
  }

  key(event) {
    if (!this.#held) return
    const to = this.#placeBy(event.key)
    if (to === null) return
    event.preventDefault()
    if (event.key === "Escape") return this.cancel()
    if (to !== this.#at) this.#step(to)
    this.#focus(to)
  }

  // Where a key would bring it, null if the key means nothing here.
  #placeBy(key) {
    if (key === "Escape") return this.#held.from
    if (key === "Home") return 0
    if (key === "End") return this.#list.count - 1
    if (key in ROWS) return this.#across(ROWS[key])
    return key in STEPS ? Math.min(this.#list.count - 1, Math.max(0, this.#at + STEPS[key])) : null
  }

  // The place in the row above or below that lies nearest.
  #across(step) {
    const here = middleOf(this.#list.tile(this.#at))
    let best = null
    for (let index = this.#at + step; this.#list.tile(index)?.isConnected; index += step) {
      const there = middleOf(this.#list.tile(index))
      if (best && there.y !== best.y) break
      const away = Math.abs(there.x - here.x)
      if (there.y !== here.y && !(away >= best?.away)) best = { index, away, y: there.y }
    }
    return best?.index ?? this.#at
  }

  #step(to) {
    this.#to(to)
    this.#say(`${this.#held.name}: photograph ${this.#number(to)}.`)
  }

  #to(place) {
    if (place !== this.#at) this.#list.move(this.#at, place)
  }

  #letGo() {
    const held = this.#held
    this.#held = null
    this.#movers.hold(null)
    return held
  }

  async #focus(index) {
    const { fileUuid } = this.#list.tile(index)?.dataset ?? {}
    const tile = await this.#list.reveal(index, CLEAR).catch(() => null) // the next key moved it on meanwhile
    if (tile?.dataset.fileUuid === (this.#held?.uuid ?? fileUuid)) tile.querySelector(".tile-mover")?.focus({ preventScroll: true })
  }

  get #at() {
    const found = this.#list.find(this.#held.uuid)
    return found < 0 ? this.#held.from : found // far away, an album forgets it
  }

  #number(index) {
    return `${(index + 1).toLocaleString("en")} of ${this.#list.count.toLocaleString("en")}`
  }
}

// The upper edge tells the row.
function middleOf(tile) {
  const { left, width, top } = tile.getBoundingClientRect()
  return { x: left + width / 2, y: Math.round(top) }
}
