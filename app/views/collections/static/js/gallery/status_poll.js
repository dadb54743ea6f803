// Polls for files whose status changed since the last response: every second after a change, then less often, every 20
// seconds when nothing is being prepared, and never in a hidden tab.

import { getJson, HttpError } from "../shared/http.js"

const FIRST_DELAY = 1000 // ms
const GROWTH = 1.5
const LAST_DELAY = 5000
const IDLE_DELAY = 20_000
const PREPARING = new Set(["pending", "processing", "retrying"])

export function isPreparing(status) {
  return PREPARING.has(status)
}

export class StatusWatch {
  #url
  #onStatus
  #delay = IDLE_DELAY
  #timer = null
  #asking = false
  #stopped = false
  #since = "" // the cursor of the last response

  // `onStatus({files, counts})` gets the files that changed; the first time, those that are being prepared.
  constructor(url, onStatus) {
    this.#url = url
    this.#onStatus = onStatus
    document.addEventListener("visibilitychange", () => this.wake())
    addEventListener("pageshow", (event) => event.persisted && this.wake())
    this.#schedule()
  }

  // Poll often again: files are being prepared or expected, or the tab became visible.
  wake() {
    this.#delay = FIRST_DELAY
    this.#schedule()
  }

  #schedule() {
    clearTimeout(this.#timer)
    if (this.#stopped || this.#asking || document.hidden) return
    this.#timer = setTimeout(() => this.#poll(), this.#delay)
  }

  async #poll() {
    this.#asking = true
    const delay = this.#delay
    this.#delay = slower(delay)
    try {
      const status = await getJson(`${this.#url}?${new URLSearchParams({ since: this.#since })}`)
      const changed = this.#since && this.#since !== status.since
      this.#since = status.since
      if (changed) this.#delay = FIRST_DELAY
      else if (status.counts.preparing) this.#delay = Math.min(this.#delay, LAST_DELAY)
      await this.#onStatus(status)
    } catch (error) {
      // Stop when signed out, expired or deleted; continue after a lost connection.
      this.#stopped ||= error instanceof HttpError && error.status < 500 && error.status !== 429
    } finally {
      this.#asking = false
      this.#schedule()
    }
  }
}

function slower(delay) {
  if (delay >= LAST_DELAY) return IDLE_DELAY
  return Math.min(delay * GROWTH, LAST_DELAY)
}
