// The list of files. Only rows near the screen are in the page, so 10,000 files cost as much as ten.

import { canPause, canRetry, UNFINISHED } from "./states.js"
import { stateText } from "./texts.js"
import { humanSize } from "../shared/format.js"

const ROW = 64 // px, as in upload_panel.css
const OVERSCAN = 4 // rows above and below the screen
const FOLDED_ROWS = 12

// Active files first, then waiting, then finished ones. Failed files have their own list (failures.js).
const ORDER = { sending: 0, confirming: 0, retrying: 1, hashing: 1, checking: 1, paused: 2, queued: 3, twin: 3, waiting: 3, unrendered: 4, cancelled: 5, preparing: 6, ready: 7, duplicate: 8 }
const BAR = { sending: (entry) => entry.sent / entry.size, confirming: () => 1, hashing: (entry) => entry.read / entry.size, paused: (entry) => entry.sent / entry.size }

export class UploadRows {
  #list
  #template
  #sorted = []
  #rows = new Map()

  constructor(list, template) {
    this.#list = list
    this.#template = template
    list.parentElement.addEventListener("scroll", () => this.draw(), { passive: true })
    new ResizeObserver(() => this.draw()).observe(list.parentElement)
  }

  // Sort all entries again, after one was added, removed, or changed its state.
  sort(entries) {
    const groups = Array.from({ length: 9 }, () => [])
    for (const entry of entries) groups[ORDER[entry.state]]?.push(entry)
    this.#sorted = groups.flat()
    this.#list.style.blockSize = `${this.#sorted.length * ROW}px`
  }

  draw() {
    const { first, last } = this.#range()
    const shown = this.#sorted.slice(first, last)
    const keep = new Set(shown)
    for (const [entry, row] of this.#rows) if (!keep.has(entry)) this.#remove(entry, row)
    shown.forEach((entry, index) => this.#place(entry, first + index))
    this.#reorder(shown)
  }

  entryOf(row) {
    for (const [entry, element] of this.#rows) if (element === row) return entry
    return undefined
  }

  #range() {
    const { scrollTop, clientHeight } = this.#list.parentElement
    if (clientHeight === 0) return { first: 0, last: FOLDED_ROWS }
    return { first: Math.max(0, Math.floor(scrollTop / ROW) - OVERSCAN), last: Math.ceil((scrollTop + clientHeight) / ROW) + OVERSCAN }
  }

  #remove(entry, row) {
    row.remove()
    this.#rows.delete(entry)
  }

  #place(entry, index) {
    let row = this.#rows.get(entry)
    if (!row) this.#rows.set(entry, (row = makeRow(this.#template, entry)))
    row.style.insetBlockStart = `${index * ROW}px`
    row.setAttribute("aria-posinset", index + 1)
    row.setAttribute("aria-setsize", this.#sorted.length)
    fillRow(row, entry)
  }

  // Put the elements in the order on the screen, for Tab and screen readers; the focus is kept.
  #reorder(shown) {
    const focused = document.activeElement
    let next = this.#list.firstElementChild
    for (const entry of shown) {
      const row = this.#rows.get(entry)
      if (row === next) next = next.nextElementSibling
      else this.#list.insertBefore(row, next)
    }
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true })
  }
}

export function makeRow(template, entry) {
  const row = template.content.firstElementChild.cloneNode(true)
  row.querySelector(".upload-row-name").textContent = entry.name
  row.querySelector(".upload-row-name").title = entry.name
  row.querySelector(".upload-row-size").textContent = entry.size ? humanSize(entry.size) : ""
  row.querySelector("progress").setAttribute("aria-label", entry.name)
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.title}: ${entry.name}`)
  return row
}

export function fillRow(row, entry) {
  if (row.dataset.state !== entry.state) changeState(row, entry)
  const share = BAR[entry.state]?.(entry)
  if (share !== undefined) row.querySelector("progress").value = share
  const state = row.querySelector(".upload-row-state")
  const text = stateText(entry)
  if (state.textContent !== text) state.textContent = state.title = text
}

function changeState(row, entry) {
  row.dataset.state = entry.state
  row.querySelector("progress").hidden = !(entry.state in BAR)
  const can = { pause: canPause(entry), resume: entry.state === "paused", cancel: UNFINISHED.has(entry.state), retry: canRetry(entry), dismiss: !UNFINISHED.has(entry.state) }
  const focused = row.contains(document.activeElement) ? document.activeElement : null
  for (const button of row.querySelectorAll("button")) button.hidden = !can[button.dataset.action]
  if (focused?.hidden) row.querySelector("button:not([hidden])")?.focus({ preventScroll: true })
}
