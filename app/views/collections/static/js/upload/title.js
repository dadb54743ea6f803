// The progress in the title of the tab, and announced to screen readers from time to time.

import { detailsText, failedText, percent, uploadedText } from "./texts.js"

const ANNOUNCE_MS = 10_000 // at least this long between two announcements

export class UploadTitle {
  #queue
  #name
  #title = document.title
  #announcer
  #announcedAt = -Infinity
  #quarter = 0
  #wasUploading = false
  #timer = 0

  constructor(queue, name, announcer) {
    this.#queue = queue
    this.#name = name
    this.#announcer = announcer
    // A timer and not an animation frame: tabs in the background get no frames.
    queue.addEventListener("change", () => (this.#timer ||= setTimeout(() => this.#draw(), 250)))
  }

  #draw() {
    this.#timer = 0
    const { tally, failed } = this.#queue
    const uploading = tally.unfinished > 0
    if (uploading) document.title = `${percent(tally.progress, 1)}% · ${this.#name}`
    else document.title = failed.size ? `${failed.size} failed · ${this.#name}` : this.#title
    if (uploading) this.#announceQuarter()
    else if (this.#wasUploading) this.#announceEnd()
    this.#wasUploading = uploading
  }

  #announceQuarter() {
    const { tally } = this.#queue
    const quarter = Math.floor(tally.progress * 4)
    const now = performance.now()
    if ((this.#wasUploading && quarter === this.#quarter) || now - this.#announcedAt < ANNOUNCE_MS) return
    this.#quarter = quarter
    this.#announcedAt = now
    this.#announcer.textContent = `${percent(tally.progress, 1)}% uploaded. ${detailsText(tally, 0)}`
  }

  #announceEnd() {
    const { size } = this.#queue.failed
    this.#announcer.textContent = `${uploadedText(this.#queue)}.${size ? ` ${failedText(size)}.` : ""}`
    this.#announcedAt = -Infinity
    this.#quarter = 0
  }
}
