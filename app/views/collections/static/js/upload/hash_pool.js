// Digests of files, computed by at most two web workers. WebCrypto would need the whole file in memory, and HTTPS.

import { UploadError } from "./request.js"

const WORKERS = Math.min(2, navigator.hardwareConcurrency || 1)
const CHANGED = "This file was changed or moved, or can’t be read any more. Choose it again."

export class HashPool {
  #library
  #script
  #workers = []
  #jobs = new Map()
  #nextId = 1

  // `library`: the URL of the folder of @noble/hashes; `script`: that of hash_worker.js.
  constructor(library, script) {
    this.#library = library
    this.#script = script
  }

  // Resolves with the digest in hex. `options`: {onProgress(bytes), signal}.
  async sha256(file, options) {
    const bytes = await this.#digest("sha256", file, options)
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  }

  // Resolves with the digest in base64, as for the header Content-MD5.
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
    const worker = new Worker(this.#script, { type: "module" })
    worker.addEventListener("message", ({ data }) => this.#handle(data))
    worker.addEventListener("error", () => this.#failJobs(index))
    worker.postMessage({ library: new URL(this.#library, location.href).href })
    return worker
  }

  #handle({ id, read, digest, error, unreadable }) {
    const job = this.#jobs.get(id)
    if (!job) return
    if (read !== undefined) return job.onProgress?.(read)
    this.#jobs.delete(id)
    job.release()
    if (digest) job.resolve(digest)
    else job.reject(new UploadError(unreadable ? CHANGED : `This file can’t be read (${error}).`, { code: "unreadable" }))
  }

  // Reject all jobs of a worker that did not start; a retry starts a new worker.
  #failJobs(index) {
    delete this.#workers[index]
    for (const [id, job] of this.#jobs) {
      if (id % WORKERS !== index) continue
      this.#jobs.delete(id)
      job.release()
      job.reject(new UploadError("The page couldn’t start reading this file.", { temporary: true }))
    }
  }
}
