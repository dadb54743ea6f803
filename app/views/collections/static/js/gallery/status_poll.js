// Asks how the files are: often at first while any of them is being prepared, then less, seldom when all are at rest, and
// never in a hidden tab.

import { getJson, HttpError } from "../shared/http.js"

const FIRST_DELAY = 1500
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
  #since = ""

  // `onNews({files, counts})` hears of the files that are not at rest, or were not at the last look.
  constructor(url, onNews) {
    this.#url = url
    this.#onNews = onNews
    document.addEventListener("visibilitychange", () => this.#schedule())
    this.#schedule()
  }

  // Something new is being prepared: ask soon, and often again.
  wake() {
    this.#delay = FIRST_DELAY
    this.resume()
  }

  pause() {
    this.#stopped = true
    this.#schedule()
  }

  resume() {
    this.#stopped = false
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
    try {
      const news = await getJson(`${this.#url}?${new URLSearchParams({ open: 1, since: this.#since })}`)
      this.#since = news.since ?? ""
      await this.#onNews(news)
      const busy = news.counts.preparing > 0
      if (this.#delay === delay) this.#delay = busy ? Math.min(delay * 1.25, LAST_DELAY) : REST_DELAY // else woken meanwhile
    } catch (error) {
      // Signed out, expired or deleted will not mend itself; a lost connection may.
      this.#stopped ||= error instanceof HttpError && error.status < 500 && error.status !== 429
    } finally {
      this.#asking = false
      this.#schedule()
    }
  }
}
