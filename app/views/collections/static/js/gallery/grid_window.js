// Keeps only the tiles near the screen in the page. What is above and below is two spacers of the height that rows.js
// knows, so that the scrollbar is true from the beginning and nothing ever moves.
// A frame reads the page once, then writes.

import { showLikeness } from "./placeholder.js"
import { heightOfAll, rowAt, rowOf, rowsOf, widthsOf } from "./row_layout.js"

const AROUND = 1 // screens above and below
const NEW_TILES = 24 // pictures put into the page in one frame; a fling shows quiet tiles for a frame or two more

export class GridWindow {
  rows = []
  #gallery
  #source
  #measure = null
  #shown = ""
  #frame = 0
  #sizes = new WeakMap() // tile -> its size as last written
  #waiting = new Map() // index -> the tile that keeps the place
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

  // The photographs, their order or their ratios are others now.
  lay() {
    this.#measure = measure(this.#gallery)
    this.rows = rowsOf(this.#source.ratios, this.#source.days, this.#measure)
    this.#headings.clear()
    this.#shown = ""
    this.drawNow()
  }

  // Some tiles are others now, in the same places.
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
    const first = rowAt(this.rows, -top - innerHeight * AROUND)
    const last = rowAt(this.rows, -top + innerHeight * (1 + AROUND))
    if (this.#shown === `${first} ${last}`) return
    this.#shown = `${first} ${last}`
    this.#write(first, last)
  }

  // Where photograph `index` begins, in px from the top of the document.
  topOf(index) {
    return this.#gallery.getBoundingClientRect().top + scrollY + (this.rowWith(index)?.top ?? 0)
  }

  get edge() {
    return this.#measure.day + this.#measure.gap
  }

  rowWith(index) {
    return this.rows[rowOf(this.rows, index)]
  }

  // The photograph at the upper edge of the screen, and how far its row is from that edge.
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
    this.lay()
    if (place) scrollTo({ top: this.topOf(place.index) + Math.min(place.offset, this.#measure.row), behavior: "instant" })
  }

  #write(first, last) {
    const rows = this.rows.slice(first, last + 1)
    const budget = { left: NEW_TILES }
    const nodes = [...this.#before(rows[0]), ...rows.flatMap((row) => this.#nodesOf(row, budget)), ...this.#after(rows.at(-1))]
    replaceChildren(this.#gallery, nodes)
    const pictures = rows.filter(({ count }) => count)
    if (pictures.length === 0) return
    const end = pictures.at(-1).first + pictures.at(-1).count
    for (const index of this.#waiting.keys()) if (index < pictures[0].first || index >= end) this.#waiting.delete(index)
    this.#source.want(pictures[0].first, end - 1)
    if (budget.left < 0) this.refresh()
  }

  // The heading of the day stays in the page as long as its photographs do: it sticks to the upper edge.
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
      if (!tile.isConnected) showLikeness(tile)
      return tile
    }
    if (!this.#waiting.has(index)) this.#waiting.set(index, waitingTile())
    return this.#waiting.get(index)
  }

  // Said, and not left to flexbox, so that a row breaks where the arithmetic says in every browser.
  #size(tile, width, rowHeight) {
    const size = `${width} ${rowHeight}`
    if (this.#sizes.get(tile) === size) return
    this.#sizes.set(tile, size)
    tile.style.flexBasis = `${width}px`
    tile.style.blockSize = `${rowHeight}px`
  }
}

// --row and --day are in rem.
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

// In two parts, because browsers keep lengths in 24 bits: 1,000,000.02 px would be a sixteenth of a pixel off, and every
// tile below would count as moved.
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

// Moves nothing that is in its place already: an element that is taken out and put back loads and focuses anew.
function replaceChildren(parent, nodes) {
  const stay = new Set(nodes)
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove()
  let next = parent.firstElementChild
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling
    else parent.insertBefore(node, next)
  }
}
