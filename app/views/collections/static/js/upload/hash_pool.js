// Digests of files, counted by at most two workers. WebCrypto would need the whole file at once, and HTTPS.

import { UploadError } from "./request.js"

const WORKERS = Math.min(2, navigator.hardwareConcurrency || 1)
const CHANGED = "This file was changed, moved or is not readable any more. Choose it again."

export class HashPool {
  #library
  #workers = []
  #jobs = new Map()
  #nextId = 1

  // `library`: the address of the folder of @noble/hashes.
  constructor(library) {
    this.#library = library
  }

  async sha256(file, options) {
    const bytes = await this.#digest("sha256", file, options)
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  }

  // In base64, as the header Content-MD5 wants it.
  async md5(blob, options) {
    return btoa(String.fromCharCode(...(await this.#digest("md5", blob, options))))
  }

  #digest(kind, blob, { onProgress, signal } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const id = this.#nextId++
      const worker = this.#worker(id)
      const stop = () => {
        worker.postMessage({ id, stop: true })
        this.#jobs.delete(id)
        reject(signal.reason)
      }
      signal?.addEventListener("abort", stop, { once: true })
      const release = () => signal?.removeEventListener("abort", stop)
      this.#jobs.set(id, { resolve, reject, onProgress, release })
      worker.postMessage({ id, kind, blob })
    })
  }

  #worker(id) {
    const index = id % WORKERS
    return (this.#workers[index] ??= this.#start(index))
  }

  #start(index) {
    const worker = new Worker(new URL("./hash_worker.js", import.meta.url), { type: "module" })
    worker.addEventListener("message", ({ data }) => this.#hear(data))
    worker.addEventListener("error", () => this.#fall(index))
    worker.postMessage({ library: new URL(this.#library, location.href).href })
    return worker
  }

  #hear({ id, read, digest, error, unreadable }) {
    const job = this.#jobs.get(id)
    if (!job) return
    if (read !== undefined) return job.onProgress?.(read)
    this.#jobs.delete(id)
    job.release()
    if (digest) job.resolve(digest)
    else job.reject(new UploadError(unreadable ? CHANGED : `This file could not be read (${error}).`, { code: "unreadable" }))
  }

  // A worker that did not start takes its jobs with it; they are tried again with a new one.
  #fall(index) {
    delete this.#workers[index]
    for (const [id, job] of this.#jobs) {
      if (id % WORKERS !== index) continue
      this.#jobs.delete(id)
      job.release()
      job.reject(new UploadError("The page could not start counting checksums.", { passing: true }))
    }
  }
}
