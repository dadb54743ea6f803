// The upload panel: total progress, the list of files, and the failed ones. Drawn at most once a frame.

import { UploadFailures } from "./failures.js"
import { UploadRows } from "./rows.js"
import { detailsText, percent, uploadedText } from "./texts.js"

const FOLDED = "proofsheet.uploads.folded"
const WIDE = "(min-width: 64rem)"

export class UploadPanel {
  hidden = 0 // hidden files that were left out
  #queue
  #root
  #rows
  #failures
  #reorder = false
  #frame = 0

  constructor(queue, root, template) {
    this.#queue = queue
    this.#root = root
    this.#rows = new UploadRows(this.#part("rows"), template)
    this.#failures = new UploadFailures(queue, root, template)
    queue.addEventListener("change", (event) => this.#update(event.detail.entry))
    setInterval(() => queue.tally.unfinished > 0 && this.#scheduleDraw(), 1000) // updates the speed even without progress
    this.#listen()
    this.#fold(readFolded() ?? !matchMedia(WIDE).matches)
  }

  #part(name) {
    return this.#root.querySelector(`[data-upload-${name}]`)
  }

  #listen() {
    const actions = { "pause-all": "pause", "resume-all": "resume", "cancel-all": "cancel", close: "dismiss" }
    for (const [part, action] of Object.entries(actions)) {
      this.#part(part).addEventListener("click", () => this.#applyToAll(action))
    }
    this.#part("fold").addEventListener("click", () => {
      this.#fold(!this.#root.hasAttribute("data-folded"))
      storeFolded(this.#root.hasAttribute("data-folded"))
    })
    this.#root.addEventListener("click", (event) => this.#applyToRow(event))
  }

  #applyToAll(action) {
    if (action === "cancel" && !window.confirm("Cancel the remaining uploads?")) return
    this.#queue.each(action)
    this.#root.querySelector(".upload-all button:not([hidden])")?.focus()
  }

  #update(entry) {
    if (entry.drawnAs !== entry.state || !this.#queue.entries.has(entry)) this.#reorder = true
    entry.drawnAs = entry.state
    this.#scheduleDraw()
  }

  #scheduleDraw() {
    this.#frame ||= requestAnimationFrame(() => this.#draw())
  }

  #draw() {
    this.#frame = 0
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
    const { tally } = this.#queue
    const share = tally.unfinished > 0 ? `${percent(tally.progress, 1)}% · ` : ""
    setText(this.#part("summary"), share + uploadedText(this.#queue))
    setText(this.#part("details"), detailsText(tally, this.hidden))
    this.#part("overall").value = tally.progress
    this.#part("overall").hidden = tally.unfinished === 0
  }

  #drawControls() {
    const { tally, failed } = this.#queue
    const paused = tally.count("paused")
    this.#part("pause-all").hidden = tally.unfinished === paused
    this.#part("resume-all").hidden = paused === 0
    this.#part("cancel-all").hidden = tally.unfinished === 0
    this.#part("close").hidden = tally.unfinished > 0 || failed.size > 0
    this.#root.toggleAttribute("data-failed", failed.size > 0)
    setText(this.#part("badge"), failed.size ? `${failed.size.toLocaleString("en")} failed` : "")
  }

  #fold(folded) {
    this.#root.toggleAttribute("data-folded", folded)
    this.#part("fold").setAttribute("aria-expanded", String(!folded))
    this.#rows.draw()
  }

  #applyToRow(event) {
    const action = event.target.closest("[data-action]")?.dataset.action
    if (!action) return
    const row = event.target.closest(".upload-row")
    const entry = this.#rows.entryOf(row) ?? this.#failures.entryOf(row)
    if (entry) this.#queue[action](entry)
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

// Undefined if nothing is stored. Some browsers throw on localStorage in private windows.
function readFolded() {
  try {
    return { 0: false, 1: true }[localStorage.getItem(FOLDED)]
  } catch {
    return undefined
  }
}

function storeFolded(folded) {
  try {
    localStorage.setItem(FOLDED, folded ? "1" : "0")
  } catch {
    // not remembered
  }
}
