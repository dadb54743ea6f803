// Asks which files have changed since the last answer: soon after one did, then less often, seldom when all are at rest,
// and never in a hidden tab.

import { getJson, HttpError } from "../shared/http.js"

const FIRST_DELAY = 1000 // ms
const GROWTH = 1.5
const LAST_DELAY = 5000
const REST_DELAY = 20_000
const PREPARING = new Set(["pending", "processing", "retrying"])

export function isPreparing(status) {
  return PREPARING.has(status)
}

export class StatusWatch {
  #url
  #onNews
  #delay = REST_DELAY
  #timer = null
  #asking = false
  #stopped = false
  #since = "" // the cursor of the last answer

  // `onNews({files, counts})` gets the files that changed; the first time, those that are not at rest.
  constructor(url, onNews) {
    this.#url = url
    this.#onNews = onNews
    document.addEventListener("visibilitychange", () => this.wake())
    addEventListener("pageshow", (event) => event.persisted && this.wake())
    this.#schedule()
  }

  // Asks soon, and often again: something is being prepared or expected, or the tab is in view again.
  wake() {
    this.#delay = FIRST_DELAY
    this.#schedule()
  }

  #schedule() {
    clearTimeout(this.#timer)
    if (this.#stopped || this.#asking || document.hidden) return
    this.#timer = setTimeout(() => this.#ask(), this.#delay)
  }

  async #ask() {
    this.#asking = true
    const delay = this.#delay
    this.#delay = slower(delay)
    try {
      const news = await getJson(`${this.#url}?${new URLSearchParams({ since: this.#since })}`)
      const moved = this.#since && this.#since !== news.since
      this.#since = news.since
      if (moved) this.#delay = FIRST_DELAY
      else if (news.counts.preparing) this.#delay = Math.min(this.#delay, LAST_DELAY)
      await this.#onNews(news)
    } catch (error) {
      // Signed out, expired or deleted will not mend itself; a lost connection may.
      this.#stopped ||= error instanceof HttpError && error.status < 500 && error.status !== 429
    } finally {
      this.#asking = false
      this.#schedule()
    }
  }
}

// At rest the pause jumps from the last to the longest.
function slower(delay) {
  if (delay >= LAST_DELAY) return REST_DELAY
  return Math.min(delay * GROWTH, LAST_DELAY)
}
