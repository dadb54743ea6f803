// Shows the queue: how far all of it is, each file, and what was not saved. Drawn at most once a frame.

import { UploadFailures } from "./failures.js"
import { UploadRows } from "./rows.js"
import { overallWords, percent, safeWords } from "./words.js"

const FOLDED = "proofsheet.uploads.folded"
const WIDE = "(min-width: 64rem)"

export class UploadPanel {
  hidden = 0 // files left out because they are hidden ones
  #queue
  #root
  #rows
  #failures
  #dirty = false
  #reorder = false
  #frame = 0

  constructor(queue, root, template) {
    this.#queue = queue
    this.#root = root
    this.#rows = new UploadRows(this.#part("rows"), template)
    this.#failures = new UploadFailures(queue, root, template)
    queue.addEventListener("change", (event) => this.#mark(event.detail.entry))
    setInterval(() => queue.tally.open > 0 && this.#wake(), 1000) // speed and time left go on when nothing arrives
    this.#listen()
    this.#fold(this.#remembered())
  }

  #part(name) {
    return this.#root.querySelector(`[data-upload-${name}]`)
  }

  #listen() {
    const every = { "pause-all": "pause", "resume-all": "resume", "cancel-all": "cancel", close: "dismiss" }
    for (const [part, action] of Object.entries(every)) {
      this.#part(part).addEventListener("click", () => this.#every(action))
    }
    this.#part("fold").addEventListener("click", () => {
      this.#fold(!this.#root.hasAttribute("data-folded"))
      remember(this.#root.hasAttribute("data-folded"))
    })
    this.#root.addEventListener("click", (event) => this.#act(event))
  }

  #every(action) {
    if (action === "cancel" && !window.confirm("Cancel everything that is not safe yet?")) return
    this.#queue.each(action)
    this.#root.querySelector(".upload-all button:not([hidden])")?.focus()
  }

  #mark(entry) {
    if (entry.drawnAs !== entry.state || !this.#queue.entries.has(entry)) this.#reorder = true
    entry.drawnAs = entry.state
    this.#wake()
  }

  #wake() {
    this.#dirty = true
    this.#frame ||= requestAnimationFrame(() => this.#draw())
  }

  #draw() {
    this.#frame = 0
    if (!this.#dirty) return
    this.#dirty = false
    const { entries } = this.#queue
    this.#root.hidden = entries.size === 0
    if (entries.size === 0) this.hidden = 0
    if (this.#reorder) {
      this.#reorder = false
      this.#rows.sort(entries)
      this.#failures.draw()
      this.#drawControls()
    }
    this.#rows.draw()
    this.#drawSummary()
  }

  #drawSummary() {
    const { entries, tally } = this.#queue
    const share = percent(tally.progress, 1)
    const head = tally.open > 0 ? `${share} % · ${safeWords(tally, counted(entries, tally))}` : safeWords(tally, counted(entries, tally))
    say(this.#part("summary"), head)
    say(this.#part("details"), overallWords(tally, this.hidden))
    this.#part("overall").value = tally.progress
    this.#part("overall").hidden = tally.open === 0
  }

  #drawControls() {
    const { tally, failed } = this.#queue
    const paused = tally.count("paused")
    this.#part("pause-all").hidden = tally.open === paused
    this.#part("resume-all").hidden = paused === 0
    this.#part("cancel-all").hidden = tally.open === 0
    this.#part("close").hidden = tally.open > 0 || failed.size > 0
    this.#root.toggleAttribute("data-failed", failed.size > 0)
    say(this.#part("badge"), failed.size ? `${failed.size.toLocaleString("en")} not saved` : "")
  }

  #remembered() {
    const kept = recall()
    return kept === null ? !matchMedia(WIDE).matches : kept === "1"
  }

  #fold(folded) {
    this.#root.toggleAttribute("data-folded", folded)
    this.#part("fold").setAttribute("aria-expanded", String(!folded))
    this.#rows.draw()
  }

  #act(event) {
    const action = event.target.closest("[data-action]")?.dataset.action
    if (!action) return
    const row = event.target.closest(".upload-row")
    const entry = this.#rows.entryOf(row) ?? this.#failures.entryOf(row)
    if (entry) this.#queue[action](entry)
  }
}

function counted(entries, tally) {
  return entries.size - tally.count("cancelled")
}

function say(place, words) {
  if (place.textContent !== words) place.textContent = words
}

// A browser that keeps nothing (private windows of some) is no reason to fail.
function recall() {
  try {
    return localStorage.getItem(FOLDED)
  } catch {
    return null
  }
}

function remember(folded) {
  try {
    localStorage.setItem(FOLDED, folded ? "1" : "0")
  } catch {
    // then it is as it was the next time
  }
}
