// Uploads one file, and accepts only a receipt with the same SHA-256.

import { sendLarge } from "./large.js"
import { request, receiptOf, UploadError } from "./request.js"

const MISMATCH = "The server’s copy doesn’t match this file. Retry; if it happens again, check your disk and connection."

export class UploadSender {
  #urls
  #check
  #pool

  // `urls`: {upload, uploads}, for whole files and for resumable uploads.
  constructor({ urls, check, pool }) {
    this.#urls = urls
    this.#check = check
    this.#pool = pool
  }

  // Compute the digest unless known; resolves with the collection's record of the same file, or null.
  async identify(entry, { onProgress, onDigest, signal }) {
    entry.sha256 ??= await this.#pool.sha256(entry.file, { onProgress, signal })
    onDigest()
    const found = await this.#check.find(entry.sha256, entry.file.size)
    signal.throwIfAborted()
    return found
  }

  // Resolves with the server's record; rejects with UploadError. Calls `onProgress` with the number of bytes sent.
  async send(entry, options) {
    const large = entry.file.size >= this.#check.limits.resumable_from_bytes
    const record = await (large ? this.#sendLarge(entry, options) : this.#sendWhole(entry, options))
    if (record.sha256 !== entry.sha256) throw new UploadError(MISMATCH, { code: "digest_mismatch" })
    return record
  }

  // Delete the server's partial upload of a cancelled file.
  discard(entry) {
    if (entry.url) request("DELETE", entry.url).catch(() => {}) // the server deletes it later in any case
    entry.url = ""
  }

  async #sendLarge(entry, options) {
    const record = await sendLarge(entry, { ...options, url: this.#urls.uploads, pool: this.#pool })
    return record ?? this.#sendWhole(entry, options)
  }

  async #sendWhole({ file, sha256 }, { onProgress, signal }) {
    const body = new FormData()
    body.append("sha256", sha256)
    body.append("files", file, file.name)
    return receiptOf(await request("POST", this.#urls.upload, { body, signal, onProgress }))
  }
}
