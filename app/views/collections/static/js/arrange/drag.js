// Dragging with the mouse, or with a finger after a long press; a finger that moves at once scrolls the page. Libraries such
// as SortableJS need all elements in the page; here the dragged tile and its target may enter and leave the page during a drag.

const LONG_PRESS = 350 // ms
const STARTS = { mouse: 6, touch: 10, pen: 10 } // px
const EDGE = 100 // px from the top and bottom of the screen, where the page scrolls
const GHOST = 128 // px, the longer side

export class Drag {
  onLift
  onDrop // called with the new index, or null if the drag was cancelled
  #list
  #press = null // { tile, x, y, type, timer }, before the drag begins
  #drag = null // { uuid, from, gap, ghost, marked, x, y }
  #moved = false // since the last pointerdown

  // Listens until `signal` is aborted.
  constructor(gallery, list, signal) {
    this.#list = list
    gallery.addEventListener("pointerdown", (event) => this.#down(event), { signal })
    gallery.addEventListener("touchmove", (event) => this.#preventScroll(event), { signal, passive: false })
    gallery.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
    addEventListener("pointermove", (event) => this.#move(event), { signal })
    addEventListener("pointerup", () => this.#end(true), { signal })
    addEventListener("pointercancel", () => this.#end(false), { signal })
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#end(false), { signal })
    signal.addEventListener("abort", () => this.#end(false))
  }

  // Return whether this click is the end of a drag.
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
      else this.#clearPress()
    }
    if (this.#drag) Object.assign(this.#drag, { x, y })
  }

  #lift() {
    const { tile, x, y } = this.#press
    this.#clearPress()
    this.#moved = true
    this.onLift(tile)
    const from = this.#list.indexOf(tile)
    this.#drag = { uuid: tile.dataset.fileUuid, from, gap: null, ghost: ghostOf(tile), marked: null, x, y }
    tile.addEventListener("touchmove", (event) => this.#preventScroll(event), { passive: false }) // also when out of the page
    document.body.append(this.#drag.ghost)
    navigator.vibrate?.(15)
    this.#follow()
  }

  #preventScroll(event) {
    if (this.#drag && event.cancelable) event.preventDefault()
  }

  // Every frame: move the ghost to the pointer, scroll near the edges, mark the drop position.
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
    drag.gap = this.#list.indexOf(tile) + (after ? 1 : 0)
    if (drag.marked && drag.marked !== tile) delete drag.marked.dataset.drop
    drag.marked = tile
    tile.dataset.drop = after ? "after" : "before"
  }

  #end(dropped) {
    this.#clearPress()
    const drag = this.#drag
    if (!drag) return
    this.#drag = null
    drag.ghost.remove()
    if (drag.marked) delete drag.marked.dataset.drop
    this.onDrop(dropped && drag.gap !== null ? this.#targetIndex(drag) : null)
  }

  // Removing the photo from its old place shifts all places after it by one.
  #targetIndex({ uuid, from, gap }) {
    const known = this.#list.find(uuid)
    return gap > (known < 0 ? from : known) ? gap - 1 : gap
  }

  #clearPress() {
    clearTimeout(this.#press?.timer)
    this.#press = null
  }
}

// The small copy of the photo at the pointer.
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
