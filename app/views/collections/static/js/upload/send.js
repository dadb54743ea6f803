// Sends one file whose digest is known, and believes only a receipt with the same digest.

import { sendLarge } from "./large.js"
import { ask, receiptOf, UploadError } from "./request.js"

const OTHER_BYTES =
  "The server counted another checksum than this browser, so it is not counted as safe. Retry; if it stays, check the disk and the connection."

export class UploadSender {
  #urls
  #check
  #pool

  // `urls`: {upload, uploads}, for a whole file and for one in pieces.
  constructor({ urls, check, pool }) {
    this.#urls = urls
    this.#check = check
    this.#pool = pool
  }

  // What the collection has of these bytes already, or null; learns the digest of the file first, once.
  async identify(entry, { onProgress, onDigest, signal }) {
    entry.sha256 ??= await this.#pool.sha256(entry.file, { onProgress, signal })
    onDigest()
    const found = await this.#check.find(entry.sha256, entry.file.size)
    signal.throwIfAborted()
    return found
  }

  // Resolves with the server's record; rejects with UploadError. `onProgress` hears how many bytes have left.
  async send(entry, options) {
    const large = entry.file.size >= this.#check.limits.resumable_from_bytes
    const record = await (large ? this.#sendLarge(entry, options) : this.#sendWhole(entry, options))
    if (record.sha256 !== entry.sha256) throw new UploadError(OTHER_BYTES, { code: "digest_mismatch" })
    return record
  }

  // Gives back what the server keeps of a file that nobody wants any more.
  forget(entry) {
    if (entry.url) ask("DELETE", entry.url).catch(() => {}) // else the server sweeps it away later
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
    return receiptOf(await ask("POST", this.#urls.upload, { body, signal, onProgress }))
  }
}
