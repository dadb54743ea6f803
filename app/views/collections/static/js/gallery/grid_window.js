// Keeps only the tiles near the screen in the page. Spacers with the heights from row_layout.js replace the others, so that
// the scrollbar is right from the beginning. A frame reads the page once, then writes.

import { showPlaceholder } from "./placeholder.js"
import { heightOfAll, rowAt, rowOf, rowsOf, widthsOf } from "./row_layout.js"

const OVERSCAN = 1 // screens above and below
const NEW_TILES = 24 // tiles inserted in one frame; the others follow in the next frames

export class GridWindow {
  rows = []
  #gallery
  #source
  #measure = null
  #shown = ""
  #frame = 0
  #sizes = new WeakMap() // tile -> its last size
  #waiting = new Map() // index -> empty tile, while the tile is not loaded
  #headings = new Map()
  #above = spacer()
  #between = spacer()
  #below = spacer()

  // `source`: { ratios, days, tile(index), want(first, last), heading(day) }
  constructor(gallery, source) {
    this.#gallery = gallery
    this.#source = source
    gallery.classList.add("windowed")
    addEventListener("scroll", () => this.draw(), { passive: true })
    new ResizeObserver(() => this.#resized()).observe(gallery)
  }

  // Lay out all rows again, after photos, their order or their ratios changed.
  layOut() {
    this.#measure = measure(this.#gallery)
    this.rows = rowsOf(this.#source.ratios, this.#source.days, this.#measure)
    this.#headings.clear()
    this.#shown = ""
    this.drawNow()
  }

  // Redraw, after tiles were replaced without a change of the layout.
  refresh() {
    this.#shown = ""
    this.draw()
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => this.drawNow())
  }

  drawNow() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    if (!this.#measure) return
    const { top } = this.#gallery.getBoundingClientRect()
    const first = rowAt(this.rows, -top - innerHeight * OVERSCAN)
    const last = rowAt(this.rows, -top + innerHeight * (1 + OVERSCAN))
    if (this.#shown === `${first} ${last}`) return
    this.#shown = `${first} ${last}`
    this.#write(first, last)
  }

  // The top of the photo `index`, in px from the top of the document.
  topOf(index) {
    return this.#gallery.getBoundingClientRect().top + scrollY + (this.rowWith(index)?.top ?? 0)
  }

  get edge() {
    return this.#measure.day + this.#measure.gap
  }

  rowWith(index) {
    return this.rows[rowOf(this.rows, index)]
  }

  // The photo at the top of the screen: {index, offset}, `offset` being the px of its row above the edge; or null.
  atTop(margin = 0) {
    const y = margin - this.#gallery.getBoundingClientRect().top
    if (y < 0 || this.rows.length === 0) return null
    let number = rowAt(this.rows, y)
    if (this.rows[number].count === 0 && this.rows[number + 1]) number += 1
    return { index: this.rows[number].first, offset: y - this.rows[number].top }
  }

  #resized() {
    const { width, row } = measure(this.#gallery)
    if (!this.#measure || (width === this.#measure.width && row === this.#measure.row)) return
    const place = this.atTop()
    this.layOut()
    if (place) scrollTo({ top: this.topOf(place.index) + Math.min(place.offset, this.#measure.row), behavior: "instant" })
  }

  #write(first, last) {
    const rows = this.rows.slice(first, last + 1)
    const budget = { left: NEW_TILES }
    const nodes = [...this.#before(rows[0]), ...rows.flatMap((row) => this.#nodesOf(row, budget)), ...this.#after(rows.at(-1))]
    replaceChildren(this.#gallery, nodes)
    const photoRows = rows.filter(({ count }) => count)
    if (photoRows.length === 0) return
    const start = photoRows[0].first
    const end = photoRows.at(-1).first + photoRows.at(-1).count
    for (const index of this.#waiting.keys()) if (index < start || index >= end) this.#waiting.delete(index)
    this.#source.want(start, end - 1)
    if (budget.left < 0) this.refresh()
  }

  // The heading of the first row's day stays in the page, because it is sticky.
  #before(row) {
    if (!row || row.top === 0) return []
    const { gap } = this.#measure
    const heading = row.count && this.#source.days.length ? this.rows.find(({ day, count }) => day === row.day && !count) : null
    if (!heading) return [height(this.#above, row.top - gap)]
    const nodes = heading.top ? [height(this.#above, heading.top - gap)] : []
    const end = heading.top + heading.height + gap
    return [...nodes, this.#heading(heading.day), ...(row.top > end ? [height(this.#between, row.top - gap - end)] : [])]
  }

  #after(row) {
    if (!row) return []
    const rest = heightOfAll(this.rows) - row.top - row.height - this.#measure.gap
    return rest > 0 ? [height(this.#below, rest)] : []
  }

  #nodesOf(row, budget) {
    if (row.count === 0) return [this.#heading(row.day)]
    return widthsOf(row, this.#source.ratios, this.#measure).map((width, place) => {
      const tile = this.#tileAt(row.first + place, budget)
      this.#size(tile, width, row.height)
      return tile
    })
  }

  #heading(day) {
    if (!this.#headings.has(day)) this.#headings.set(day, this.#source.heading(day))
    return this.#headings.get(day)
  }

  #tileAt(index, budget) {
    const tile = this.#source.tile(index)
    if (tile && (tile.isConnected || --budget.left >= 0)) {
      this.#waiting.delete(index)
      if (!tile.isConnected) showPlaceholder(tile)
      return tile
    }
    if (!this.#waiting.has(index)) this.#waiting.set(index, waitingTile())
    return this.#waiting.get(index)
  }

  // Explicit sizes, so that rows break at the computed places in every browser.
  #size(tile, width, rowHeight) {
    const size = `${width} ${rowHeight}`
    if (this.#sizes.get(tile) === size) return
    this.#sizes.set(tile, size)
    tile.style.flexBasis = `${width}px`
    tile.style.blockSize = `${rowHeight}px`
  }
}

// In px; the stylesheet has --row and --day in rem.
export function measure(gallery) {
  const style = getComputedStyle(gallery)
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const px = (name) => parseFloat(style.getPropertyValue(name))
  return {
    width: gallery.getBoundingClientRect().width - px("padding-left") - px("padding-right"),
    row: px("--row") * rem,
    gap: px("row-gap"),
    day: px("--day") * rem,
  }
}

function spacer() {
  const made = document.createElement("li")
  made.className = "spacer"
  made.setAttribute("role", "presentation")
  return made
}

// Split into height and margin, because browsers keep lengths in 24 bits: 1,000,000.02 px would be off by 1/16 px, and all
// tiles below would count as a layout shift.
function height(element, px) {
  element.style.blockSize = `${Math.floor(px)}px`
  element.style.marginBlockEnd = `${px % 1}px`
  return element
}

function waitingTile() {
  const made = document.createElement("li")
  made.className = "gallery-item tile-waiting"
  made.setAttribute("aria-hidden", "true")
  return made
}

// Leaves elements alone that are in place: a re-inserted element loses its focus and loads again.
function replaceChildren(parent, nodes) {
  const stay = new Set(nodes)
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove()
  let next = parent.firstElementChild
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling
    else parent.insertBefore(node, next)
  }
}
