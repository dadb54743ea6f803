// The list of failed files with reasons. It stays until dismissed and can be copied as text.

import { canRetry } from "./states.js"
import { fillRow, makeRow } from "./rows.js"
import { failedText, failuresAsText } from "./texts.js"

const SHOWN = 50 // "Copy list" has all of them

export class UploadFailures {
  #queue
  #template
  #part
  #rows = new Map()

  constructor(queue, root, template) {
    this.#queue = queue
    this.#template = template
    this.#part = (name) => root.querySelector(`[data-upload-${name}]`)
    this.#part("copy").addEventListener("click", (event) => this.#copy(event.currentTarget))
    this.#part("retry-all").addEventListener("click", () => [...queue.failed].forEach((entry) => queue.retry(entry)))
    this.#part("dismiss-all").addEventListener("click", () => [...queue.failed].forEach((entry) => queue.dismiss(entry)))
  }

  draw() {
    const { failed } = this.#queue
    this.#part("note").hidden = failed.size === 0
    this.#part("failures").textContent = failedText(failed.size)
    this.#part("retry-all").hidden = ![...failed].some(canRetry)
    const shown = [...failed].slice(0, SHOWN)
    this.#part("more").hidden = failed.size <= SHOWN
    this.#part("more").textContent = `And ${(failed.size - SHOWN).toLocaleString("en")} more. “Copy list” includes all of them.`
    this.#drawRows(new Set(shown))
  }

  entryOf(row) {
    return [...this.#rows].find(([, element]) => element === row)?.[0]
  }

  #drawRows(shown) {
    for (const [entry, row] of this.#rows) {
      if (shown.has(entry)) continue
      row.remove()
      this.#rows.delete(entry)
    }
    for (const entry of shown) {
      if (!this.#rows.has(entry)) this.#rows.set(entry, makeRow(this.#template, entry))
      const row = this.#rows.get(entry)
      if (!row.isConnected) this.#part("failed-rows").append(row)
      fillRow(row, entry)
    }
  }

  // Without HTTPS there is no clipboard API: the text is shown and selected instead.
  async #copy(button) {
    const text = failuresAsText(this.#queue.failed)
    const field = this.#part("copied-text")
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = "Copied"
      setTimeout(() => (button.textContent = "Copy list"), 4000)
    } catch {
      field.hidden = false
      field.value = text
      field.select()
    }
  }
}
