// Looks up which files the collection already has, many files in one request.

import { request } from "./request.js"

const BATCH = 200 // files
const GATHER_MS = 150

export class UploadCheck {
  limits = { resumable_from_bytes: 16_000_000 }
  #url
  #pending = []
  #timer = 0

  constructor(url) {
    this.#url = url
  }

  // Resolves with the server's record {uuid, name, status} of this file, or null; rejects with UploadError.
  find(sha256, size) {
    return new Promise((resolve, reject) => {
      this.#pending.push({ sha256, size, resolve, reject })
      if (this.#pending.length >= BATCH) this.#flush()
      else this.#timer ||= setTimeout(() => this.#flush(), GATHER_MS)
    })
  }

  async #flush() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const batch = this.#pending.splice(0)
    try {
      const files = batch.map(({ sha256, size }) => ({ sha256, size }))
      const { data } = await request("POST", this.#url, { json: { files } })
      this.limits = { ...this.limits, ...data.limits }
      const present = new Map(data.present.map((file) => [file.sha256, file]))
      batch.forEach(({ sha256, resolve }) => resolve(present.get(sha256) ?? null))
    } catch (error) {
      batch.forEach(({ reject }) => reject(error))
    }
  }
}
