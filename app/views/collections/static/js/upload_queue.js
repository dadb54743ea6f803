// The files to send, three at a time, and what became of each. It knows nothing of the page.

const LANES = 3
const RETRY_DELAYS = [2000, 8000]

const OPEN = new Set(["waiting", "sending", "confirming", "resting"])
const SAFE = new Set(["preparing", "ready", "duplicate", "unrendered"])

export class UploadQueue extends EventTarget {
  entries = []
  #send
  #maxBytes
  #nextId = 1

  // `send(file, onProgress)` resolves with {uuid, status, message?} or rejects with an UploadError.
  constructor({ send, maxBytes }) {
    super()
    this.#send = send
    this.#maxBytes = maxBytes
  }

  add(files) {
    for (const file of files) {
      const entry = { id: this.#nextId++, file, state: "waiting", sent: 0, tries: 0, message: "", canRetry: true }
      this.entries.push(entry)
      const refusal = this.#refusal(file)
      if (refusal) this.#set(entry, "failed", { message: refusal, canRetry: false })
      else this.#set(entry, "waiting")
    }
    this.#fill()
  }

  retry(entry) {
    if (entry.state !== "failed" || !entry.canRetry) return
    this.#set(entry, "waiting", { tries: 0, sent: 0, message: "" })
    this.#fill()
  }

  dismiss(entry) {
    this.entries = this.entries.filter((other) => other !== entry)
    this.#changed(entry)
  }

  // What the server said later about a file that was still being prepared.
  settle(uuid, status, reason) {
    for (const entry of this.entries) {
      if (entry.uuid === uuid && entry.state !== "duplicate") this.#settle(entry, status, reason)
    }
  }

  get openCount() {
    return this.entries.filter((entry) => OPEN.has(entry.state)).length
  }

  get safeCount() {
    return this.entries.filter((entry) => SAFE.has(entry.state)).length
  }

  get failed() {
    return this.entries.filter((entry) => entry.state === "failed")
  }

  // Share of all bytes; a file counts as whole only when the server has it.
  get progress() {
    let total = 0
    let sent = 0
    for (const entry of this.entries) {
      total += entry.file.size
      sent += entry.file.size * (SAFE.has(entry.state) ? 1 : Math.min(entry.sent, 0.99))
    }
    return total ? sent / total : 0
  }

  #refusal(file) {
    if (file.size === 0) return "This file is empty."
    if (file.size > this.#maxBytes) return `Larger than the ${this.#maxBytes / 1e6} MB that this server takes.`
    return ""
  }

  #fill() {
    const busy = this.entries.filter((entry) => entry.state === "sending" || entry.state === "confirming").length
    const next = this.entries.filter((entry) => entry.state === "waiting").slice(0, Math.max(0, LANES - busy))
    for (const entry of next) this.#run(entry)
  }

  async #run(entry) {
    entry.tries += 1
    this.#set(entry, "sending", { sent: 0, message: "" })
    try {
      const record = await this.#send(entry.file, (share) => {
        this.#set(entry, share < 1 ? "sending" : "confirming", { sent: share })
      })
      entry.uuid = record.uuid
      this.#settle(entry, record.status, record.message)
      this.dispatchEvent(new CustomEvent("saved", { detail: { entry, record } }))
    } catch (error) {
      this.#fail(entry, error)
    }
    this.#fill()
  }

  #settle(entry, status, message = "") {
    if (status === "duplicate") this.#set(entry, "duplicate", { sent: 1, message })
    else if (status === "failed") this.#set(entry, "unrendered", { sent: 1, message })
    else this.#set(entry, status === "completed" ? "ready" : "preparing", { sent: 1, message })
  }

  #fail(entry, error) {
    const delay = RETRY_DELAYS[entry.tries - 1]
    if (!error.passing || delay === undefined) {
      this.#set(entry, "failed", { sent: 0, message: error.message })
      return
    }
    this.#set(entry, "resting", { sent: 0, message: error.message })
    setTimeout(() => {
      if (entry.state !== "resting") return
      this.#set(entry, "waiting")
      this.#fill()
    }, Math.max(delay, error.wait))
  }

  #set(entry, state, values = {}) {
    Object.assign(entry, values, { state })
    this.#changed(entry)
  }

  #changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: { entry } }))
  }
}
