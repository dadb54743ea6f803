// Asks which files the collection has already: many in one question, and the first without delay.

import { ask } from "./request.js"

const BATCH = 200
const GATHER = 150

export class UploadCheck {
  limits = { resumable_from_bytes: 16_000_000 }
  #url
  #asked = []
  #timer = 0

  constructor(url) {
    this.#url = url
  }

  // Resolves with the server's record {uuid, name, status} of such a file, or null; rejects with UploadError.
  find(sha256, size) {
    return new Promise((resolve, reject) => {
      this.#asked.push({ sha256, size, resolve, reject })
      if (this.#asked.length >= BATCH) this.#flush()
      else this.#timer ||= setTimeout(() => this.#flush(), GATHER)
    })
  }

  async #flush() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const asked = this.#asked.splice(0)
    try {
      const files = asked.map(({ sha256, size }) => ({ sha256, size }))
      const { answer } = await ask("POST", this.#url, { json: { files } })
      this.limits = { ...this.limits, ...answer.limits }
      const present = new Map(answer.present.map((file) => [file.sha256, file]))
      asked.forEach(({ sha256, resolve }) => resolve(present.get(sha256) ?? null))
    } catch (error) {
      asked.forEach(({ reject }) => reject(error))
    }
  }
}
