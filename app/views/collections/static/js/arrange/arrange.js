// Arranging: while it is on, photographs are put in the photographer's own order by dragging, by choosing one and then its
// place, or by arrow keys, and a bar above them says what happens.

import { Drag } from "./drag.js"
import { Hold } from "./hold.js"
import { Photographs } from "./list.js"
import { Movers } from "./movers.js"
import { Moves } from "./moves.js"

const HINTS = {
  fine: "Drag a photograph, or click it and then its new place. Arrow keys move it too.",
  coarse: "Hold and drag a photograph, or tap it and then its new place.",
}

// `album()` is null as long as all photographs are in the page.
export function offerArranging(collection, gallery, album) {
  if (document.querySelector("[data-arrange-bar]")) new Arranging(collection, gallery, new Photographs(gallery, album))
}

class Arranging {
  #bar = document.querySelector("[data-arrange-bar]")
  #words = this.#bar.querySelector("[data-arrange-words]")
  #back = this.#bar.querySelector("[data-arrange-back]")
  #done = this.#bar.querySelector("[data-arrange-done]")
  #gallery
  #list
  #movers
  #moves
  #hold
  #listening = null

  constructor(collection, gallery, list) {
    const say = (words) => (this.#words.textContent = words)
    this.#gallery = gallery
    this.#list = list
    this.#movers = new Movers(gallery, (held) => (this.#back.hidden = !held))
    this.#moves = new Moves(list, collection.dataset.orderUrl, say)
    this.#hold = new Hold({ list, movers: this.#movers, moves: this.#moves, say })
    collection.addEventListener("head-shown", () => this.#offer())
    collection.addEventListener("click", (event) => event.target.closest("[data-arrange]") && this.#start())
    this.#offer()
    this.#done.addEventListener("click", () => this.#finish())
    this.#back.addEventListener("click", () => this.#hold.cancel())
  }

  // The order bar comes with the second photograph, and may be another one later.
  get #button() {
    return document.querySelector("[data-arrange]")
  }

  #offer() {
    if (this.#button) this.#button.hidden = !this.#bar.hidden
  }

  #start() {
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const drag = new Drag(this.#gallery, this.#list, signal)
    drag.onLift = (tile) => {
      this.#hold.putBack()
      this.#hold.pickUp(tile)
    }
    drag.onDrop = (place) => (place === null ? this.#hold.putBack() : this.#hold.putAt(place))
    this.#gallery.addEventListener("click", (event) => drag.ended(event) || this.#hold.choose(event), { signal })
    this.#gallery.addEventListener("keydown", (event) => this.#hold.key(event), { signal })
    this.#show(true)
    this.#words.textContent = HINTS[matchMedia("(pointer: coarse)").matches ? "coarse" : "fine"]
    this.#done.focus({ preventScroll: true })
  }

  // Stays if what was moved last did not reach the server, so that this can be read.
  async #finish() {
    this.#hold.putBack()
    if (this.#moves.pending && !(await this.#moves.pending)) return
    this.#listening.abort()
    this.#show(false)
    this.#button?.focus({ preventScroll: true })
  }

  #show(on) {
    this.#gallery.classList.toggle("arranging", on)
    this.#bar.hidden = !on
    this.#offer()
    this.#movers.show(on)
  }
}
