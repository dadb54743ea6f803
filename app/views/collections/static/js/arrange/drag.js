// A photograph under the mouse, or under a finger after a long press; a finger that moves at once scrolls as always.
// Our own pointer code: SortableJS and its kin move the elements of a list that is all in the page, and here the place where
// a photograph is dropped, and the photograph itself, may come into the page and leave it on the way.

const LONG_PRESS = 350 // ms
const STARTS = { mouse: 6, touch: 10, pen: 10 } // px
const EDGE = 100 // px from the upper and lower edge of the screen, where the page scrolls along
const GHOST = 128 // px, the longer side

export class Drag {
  onLift
  onDrop // with the place in the order, null if it is to go back
  #list
  #press = null // { tile, x, y, type, timer } until it becomes a drag
  #drag = null // { uuid, from, gap, ghost, marked, x, y }
  #moved = false // since the pointer went down

  // Listens until `signal` is aborted.
  constructor(gallery, list, signal) {
    this.#list = list
    gallery.addEventListener("pointerdown", (event) => this.#down(event), { signal })
    gallery.addEventListener("touchmove", (event) => this.#keep(event), { signal, passive: false })
    gallery.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
    addEventListener("pointermove", (event) => this.#move(event), { signal })
    addEventListener("pointerup", () => this.#end(true), { signal })
    addEventListener("pointercancel", () => this.#end(false), { signal })
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#end(false), { signal })
    signal.addEventListener("abort", () => this.#end(false))
  }

  // Whether this click is only the end of a drag.
  ended({ detail }) {
    return this.#moved && detail > 0
  }

  #down({ target, button, isPrimary, pointerType: type, clientX: x, clientY: y }) {
    const tile = target.closest(".tile-mover")?.parentElement
    if (!tile || button || !isPrimary) return
    this.#moved = false
    this.#press = { tile, x, y, type }
    if (type !== "mouse") this.#press.timer = setTimeout(() => this.#lift(), LONG_PRESS)
  }

  #move({ clientX: x, clientY: y }) {
    const press = this.#press
    if (press && Math.hypot(x - press.x, y - press.y) > STARTS[press.type]) {
      if (press.type === "mouse") this.#lift()
      else this.#forgetPress()
    }
    if (this.#drag) Object.assign(this.#drag, { x, y })
  }

  #lift() {
    const { tile, x, y } = this.#press
    this.#forgetPress()
    this.#moved = true
    this.onLift(tile)
    const from = this.#list.placeOf(tile)
    this.#drag = { uuid: tile.dataset.fileUuid, from, gap: null, ghost: ghostOf(tile), marked: null, x, y }
    tile.addEventListener("touchmove", (event) => this.#keep(event), { passive: false }) // it goes on outside the page
    document.body.append(this.#drag.ghost)
    navigator.vibrate?.(15)
    this.#follow()
  }

  #keep(event) {
    if (this.#drag && event.cancelable) event.preventDefault()
  }

  // Each frame: the ghost is at the pointer, the page scrolls near its edges, the place is marked.
  #follow() {
    const drag = this.#drag
    if (!drag) return
    drag.ghost.style.translate = `${drag.x}px ${drag.y}px`
    const beyond = Math.max(0, drag.y - innerHeight + EDGE) - Math.max(0, EDGE - drag.y)
    if (beyond) scrollBy({ top: beyond / 3, behavior: "instant" })
    const tile = document.elementFromPoint(drag.x, drag.y)?.closest(".tile-mover")?.parentElement
    if (tile) this.#mark(tile, drag)
    requestAnimationFrame(() => this.#follow())
  }

  #mark(tile, drag) {
    const { left, width } = tile.getBoundingClientRect()
    const after = drag.x > left + width / 2
    drag.gap = this.#list.placeOf(tile) + (after ? 1 : 0)
    if (drag.marked && drag.marked !== tile) delete drag.marked.dataset.drop
    drag.marked = tile
    tile.dataset.drop = after ? "after" : "before"
  }

  #end(wanted) {
    this.#forgetPress()
    const drag = this.#drag
    if (!drag) return
    this.#drag = null
    drag.ghost.remove()
    if (drag.marked) delete drag.marked.dataset.drop
    this.onDrop(wanted && drag.gap !== null ? this.#placeFor(drag) : null)
  }

  // What is taken out before the gap makes those behind it one less.
  #placeFor({ uuid, from, gap }) {
    const known = this.#list.find(uuid)
    return gap > (known < 0 ? from : known) ? gap - 1 : gap
  }

  #forgetPress() {
    clearTimeout(this.#press?.timer)
    this.#press = null
  }
}

// What the pointer carries.
function ghostOf(tile) {
  const ghost = tile.querySelector("img")?.cloneNode() ?? document.createElement("span")
  const { width, height } = tile.getBoundingClientRect()
  const scale = GHOST / Math.max(GHOST, width, height)
  ghost.className = "drag-ghost"
  ghost.setAttribute("aria-hidden", "true")
  ghost.style.inlineSize = `${width * scale}px`
  ghost.style.blockSize = `${height * scale}px`
  return ghost
}
