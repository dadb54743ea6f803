// Shows the queue: a row for each file, how many are safe, and the failures until somebody dismisses them.

import { humanSize, plural } from "./words.js"

const WORDS = {
  waiting: () => "Waiting",
  sending: (entry) => `Sending, ${Math.floor(entry.sent * 100)}%`,
  confirming: () => "Sent. Waiting for the server to confirm",
  resting: (entry) => `${entry.message} Trying again in a moment`,
  preparing: () => "Safe. Preparing the preview",
  ready: () => "Safe and ready",
  duplicate: () => "Already here, kept once",
  unrendered: (entry) => `Safe, but without a preview. ${entry.message}`,
  failed: (entry) => `Not saved. ${entry.message}`,
}

const MOVING = new Set(["sending", "confirming"])

export class UploadPanel {
  #queue
  #root
  #parts
  #template
  #rows = new Map()
  #dirty = new Set()
  #frame = 0

  constructor(queue, root, template) {
    this.#queue = queue
    this.#root = root
    this.#template = template
    this.#parts = Object.fromEntries(
      ["summary", "fold", "close", "overall", "note", "failures", "retry-all", "rows"].map((name) => [
        name,
        root.querySelector(`[data-upload-${name}]`),
      ]),
    )
    queue.addEventListener("change", (event) => this.#mark(event.detail.entry))
    this.#parts.fold.addEventListener("click", () => this.#fold())
    this.#parts.close.addEventListener("click", () => this.#queue.entries.forEach((entry) => this.#queue.dismiss(entry)))
    this.#parts["retry-all"].addEventListener("click", () => this.#queue.failed.forEach((entry) => this.#queue.retry(entry)))
    this.#parts.rows.addEventListener("click", (event) => this.#act(event))
  }

  // Progress comes many times a second and file; the page is drawn once a frame.
  #mark(entry) {
    this.#dirty.add(entry)
    this.#frame ||= requestAnimationFrame(() => this.#draw())
  }

  #draw() {
    this.#frame = 0
    const known = new Set(this.#queue.entries)
    for (const entry of this.#dirty) {
      if (known.has(entry)) this.#drawRow(entry)
      else this.#removeRow(entry)
    }
    this.#dirty.clear()
    this.#drawSummary()
  }

  #drawRow(entry) {
    const row = this.#rows.get(entry) ?? this.#makeRow(entry)
    if (row.dataset.state !== entry.state) this.#changeState(row, entry)
    const progress = row.querySelector("progress")
    progress.value = entry.sent
    row.querySelector(".upload-row-state").textContent = WORDS[entry.state](entry)
  }

  #changeState(row, entry) {
    row.dataset.state = entry.state
    row.querySelector("progress").hidden = !MOVING.has(entry.state)
    row.querySelector(".upload-row-actions").hidden = entry.state !== "failed"
    row.querySelector('[data-action="retry"]').hidden = !entry.canRetry
  }

  #makeRow(entry) {
    const row = this.#template.content.firstElementChild.cloneNode(true)
    row.querySelector(".upload-row-name").textContent = entry.file.name
    row.querySelector(".upload-row-name").title = entry.file.name
    row.querySelector(".upload-row-size").textContent = humanSize(entry.file.size)
    row.querySelector("progress").setAttribute("aria-label", entry.file.name)
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent}: ${entry.file.name}`)
    }
    this.#rows.set(entry, row)
    this.#parts.rows.append(row)
    return row
  }

  #removeRow(entry) {
    this.#rows.get(entry)?.remove()
    this.#rows.delete(entry)
  }

  #drawSummary() {
    const { entries, openCount, safeCount, failed, progress } = this.#queue
    const { summary, close, overall, note, failures } = this.#parts
    this.#root.hidden = entries.length === 0
    const words = `${safeCount} of ${entries.length} safe`
    if (summary.textContent !== words) summary.textContent = words
    overall.value = progress
    close.hidden = openCount > 0
    note.hidden = failed.length === 0
    failures.textContent = `${plural(failed.length, "file was", "files were")} not saved.`
    this.#parts["retry-all"].hidden = !failed.some((entry) => entry.canRetry)
  }

  #fold() {
    const folded = this.#root.toggleAttribute("data-folded")
    this.#parts.fold.setAttribute("aria-expanded", String(!folded))
  }

  #act(event) {
    const action = event.target.closest("[data-action]")?.dataset.action
    if (!action) return
    const row = event.target.closest(".upload-row")
    const entry = [...this.#rows].find(([, element]) => element === row)?.[0]
    if (entry) this.#queue[action](entry)
  }
}
