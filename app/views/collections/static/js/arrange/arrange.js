// The arrange mode: the photographer moves photos by dragging, by clicking one and then its new place, or with arrow keys.
// A bar above the photos reports each move.

import { Drag } from "./drag.js"
import { HeldPhoto } from "./held_photo.js"
import { PhotoList } from "./photo_list.js"
import { MoveButtons } from "./move_buttons.js"
import { Moves } from "./moves.js"

const HINTS = {
  fine: "Drag a photo, or click it and then its new place. Arrow keys move it too.",
  coarse: "Hold and drag a photo, or tap it and then its new place.",
}

// `album()` returns null while all photos are in the page.
export function enableArranging(collection, gallery, album) {
  if (document.querySelector("[data-arrange-bar]")) new Arranging(collection, gallery, new PhotoList(gallery, album))
}

class Arranging {
  #bar = document.querySelector("[data-arrange-bar]")
  #message = this.#bar.querySelector("[data-arrange-words]")
  #back = this.#bar.querySelector("[data-arrange-back]")
  #done = this.#bar.querySelector("[data-arrange-done]")
  #gallery
  #list
  #buttons
  #moves
  #held
  #listeners = null // an AbortController

  constructor(collection, gallery, list) {
    const announce = (text) => (this.#message.textContent = text)
    this.#gallery = gallery
    this.#list = list
    this.#buttons = new MoveButtons(gallery, (held) => (this.#back.hidden = !held))
    this.#moves = new Moves(list, collection.dataset.orderUrl, announce)
    this.#held = new HeldPhoto({ list, buttons: this.#buttons, moves: this.#moves, announce })
    collection.addEventListener("head-shown", () => this.#updateButton())
    collection.addEventListener("click", (event) => event.target.closest("[data-arrange]") && this.#start())
    this.#updateButton()
    this.#done.addEventListener("click", () => this.#finish())
    this.#back.addEventListener("click", () => this.#held.cancel())
  }

  // Not stored, because updates of the page replace it.
  get #button() {
    return document.querySelector("[data-arrange]")
  }

  #updateButton() {
    if (this.#button) this.#button.hidden = !this.#bar.hidden
  }

  #start() {
    this.#listeners = new AbortController()
    const { signal } = this.#listeners
    const drag = new Drag(this.#gallery, this.#list, signal)
    drag.onLift = (tile) => {
      this.#held.putBack()
      this.#held.pickUp(tile)
    }
    drag.onDrop = (index) => (index === null ? this.#held.putBack() : this.#held.putAt(index))
    this.#gallery.addEventListener("click", (event) => drag.ended(event) || this.#held.choose(event), { signal })
    this.#gallery.addEventListener("keydown", (event) => this.#held.key(event), { signal })
    this.#show(true)
    this.#message.textContent = HINTS[matchMedia("(pointer: coarse)").matches ? "coarse" : "fine"]
    this.#done.focus({ preventScroll: true })
  }

  // If the last move cannot be saved, the mode stays on, so that the message can be read.
  async #finish() {
    this.#held.putBack()
    if (this.#moves.pending && !(await this.#moves.pending)) return
    this.#listeners.abort()
    this.#show(false)
    this.#button?.focus({ preventScroll: true })
  }

  #show(on) {
    this.#gallery.classList.toggle("arranging", on)
    this.#bar.hidden = !on
    this.#updateButton()
    this.#buttons.show(on)
  }
}
