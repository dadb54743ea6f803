// Asks how the files are while any of them is being prepared: often at first, then less, never in a hidden tab.

import { getJson, HttpError } from "./http.js"

const FIRST_DELAY = 1500
const LAST_DELAY = 5000
const PREPARING = new Set(["pending", "processing", "retrying"])

export function isPreparing(status) {
  return PREPARING.has(status)
}

export class StatusWatch {
  #url
  #onFiles
  #delay = FIRST_DELAY
  #timer = null
  #asking = false
  #wanted = false

  constructor(url, onFiles) {
    this.#url = url
    this.#onFiles = onFiles
    document.addEventListener("visibilitychange", () => this.#schedule())
  }

  // Something new is being prepared: ask soon, and often again.
  wake() {
    this.#wanted = true
    this.#delay = FIRST_DELAY
    this.#schedule()
  }

  #schedule() {
    clearTimeout(this.#timer)
    if (!this.#wanted || this.#asking || document.hidden) return
    this.#timer = setTimeout(() => this.#ask(), this.#delay)
    this.#delay = Math.min(this.#delay * 1.25, LAST_DELAY)
  }

  async #ask() {
    this.#asking = true
    this.#wanted = false // a wake() during the request asks once more
    try {
      const { files } = await getJson(this.#url)
      await this.#onFiles(files)
      this.#wanted ||= files.some((file) => isPreparing(file.status))
    } catch (error) {
      // Signed out, expired or deleted will not mend itself; a lost connection may.
      this.#wanted ||= !(error instanceof HttpError && error.status < 500 && error.status !== 429)
    } finally {
      this.#asking = false
      this.#schedule()
    }
  }
}
