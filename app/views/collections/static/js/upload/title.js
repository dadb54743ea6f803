// How far it is, in the title of the tab and, now and then, for those who listen.

import { overallWords, percent, safeWords } from "./words.js"
import { plural } from "../shared/format.js"

const QUIET = 10_000 // milliseconds between two announcements

export class UploadTitle {
  #queue
  #name
  #title = document.title
  #announcer
  #spoken = -Infinity
  #quarter = 0
  #wasOpen = false
  #frame = 0

  constructor(queue, name, announcer) {
    this.#queue = queue
    this.#name = name
    this.#announcer = announcer
    // Not by frame: a tab in the background has none, and is where the title is looked at.
    queue.addEventListener("change", () => (this.#frame ||= setTimeout(() => this.#draw(), 250)))
  }

  #draw() {
    this.#frame = 0
    const { tally, failed } = this.#queue
    const open = tally.open > 0
    if (open) document.title = `${percent(tally.progress, 1)} % · ${this.#name}`
    else document.title = failed.size ? `${failed.size} not saved · ${this.#name}` : this.#title
    if (open) this.#sayQuarter()
    else if (this.#wasOpen) this.#sayEnd()
    this.#wasOpen = open
  }

  #sayQuarter() {
    const { tally } = this.#queue
    const quarter = Math.floor(tally.progress * 4)
    const now = performance.now()
    if ((this.#wasOpen && quarter === this.#quarter) || now - this.#spoken < QUIET) return
    this.#quarter = quarter
    this.#spoken = now
    this.#announcer.textContent = `${percent(tally.progress, 1)} % sent. ${overallWords(tally, 0)}`
  }

  #sayEnd() {
    const { tally, entries, failed } = this.#queue
    const problems = failed.size ? ` ${plural(failed.size, "file was", "files were")} not saved.` : ""
    this.#announcer.textContent = `${safeWords(tally, entries.size - tally.count("cancelled"))}.${problems}`
    this.#spoken = -Infinity
    this.#quarter = 0
  }
}
