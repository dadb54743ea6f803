// The upload queue: each file is hashed, looked up on the server, and sent unless the collection has it already. It does
// not touch the page. Fires `added` and `change` with {entry}, `saved` with {entry, record}.

import { canPause, canRetry, UNFINISHED } from "./states.js"
import { Meter, Tally } from "./tally.js"
import { Twins } from "./twins.js"

const HASHING_LANES = 2
const SENDING_LANES = 3
const TRIES = 6
const PAUSES = [1000, 2000, 5000, 10_000, 20_000, 30_000] // ms

export class UploadQueue extends EventTarget {
  entries = new Set()
  failed = new Set()
  tally = new Tally()
  #sender
  #twins = new Twins()
  #lines = { waiting: [], queued: [] }
  #byUuid = new Map()
  #nextId = 1
  #pauses = 0 // since the last upload that succeeded
  #pauseTimer = 0

  // `sender`: an UploadSender, or anything with its identify(), send() and discard().
  constructor(sender) {
    super()
    this.#sender = sender
  }

  // `checked`: [{file, refusal}]; files with a refusal are listed as failed and never read.
  add(checked) {
    for (const { file, refusal } of checked) {
      const entry = this.#entryOf(file)
      this.entries.add(entry)
      if (refusal) this.#set(entry, "failed", { message: refusal, canRetry: false })
      else {
        this.dispatchEvent(new CustomEvent("added", { detail: { entry } }))
        this.#enqueue(entry, "waiting")
      }
    }
    this.#startNext()
  }

  pause(entry) {
    if (canPause(entry)) this.#stop(entry, "paused")
  }

  resume(entry) {
    if (entry.state === "paused") this.#restart(entry)
  }

  cancel(entry) {
    if (!UNFINISHED.has(entry.state)) return
    this.#stop(entry, "cancelled")
    this.#sender.discard(entry)
    this.#restartTwins(entry)
  }

  retry(entry) {
    if (!canRetry(entry)) return
    this.dispatchEvent(new CustomEvent("added", { detail: { entry } }))
    this.#restart(entry, { tries: 0, sent: 0, message: "" })
  }

  dismiss(entry) {
    if (UNFINISHED.has(entry.state)) return
    this.entries.delete(entry)
    this.failed.delete(entry)
    this.tally.remove(entry)
    this.#changed(entry)
  }

  // Apply "pause", "resume", "cancel" or "dismiss" to every entry whose state allows it.
  each(action) {
    for (const entry of [...this.entries]) this[action](entry)
  }

  // Update an uploaded file with its later status on the server.
  settle(uuid, status, reason) {
    const entry = this.#byUuid.get(uuid)
    if (entry && this.entries.has(entry)) this.#settle(entry, { status, message: reason })
  }

  // Retry at once, e.g. when the connection is back.
  wake() {
    clearTimeout(this.#pauseTimer)
    this.#pauseTimer = 0
    for (const entry of this.entries) if (entry.state === "retrying") this.#enqueue(entry, "waiting")
    this.#startNext()
  }

  #entryOf(file) {
    return {
      id: this.#nextId++, file, name: file.name, size: file.size, state: "waiting", sent: 0, read: 0, furthest: 0,
      tries: 0, message: "", canRetry: true, sha256: undefined, url: "", uuid: "", meter: new Meter(), stop: null,
    } // prettier-ignore
  }

  #restart(entry, values = {}) {
    this.#enqueue(entry, "waiting", values)
    this.#startNext()
  }

  #enqueue(entry, state, values) {
    this.#set(entry, state, values)
    this.#lines[state].push(entry)
  }

  #startNext() {
    if (this.#pauseTimer) return
    const { tally } = this
    for (let entry; tally.count("sending", "confirming") < SENDING_LANES && (entry = this.#next("queued")); ) this.#send(entry)
    for (let entry; tally.count("hashing") < HASHING_LANES && (entry = this.#next("waiting")); ) this.#identify(entry)
  }

  // Skip entries in the line that were paused or cancelled since.
  #next(state) {
    const line = this.#lines[state]
    while (line.length) {
      const entry = line.shift()
      if (entry.state === state) return entry
    }
    return null
  }

  async #identify(entry) {
    this.#set(entry, "hashing", { read: 0 })
    const found = await this.#attempt(entry, (signal) =>
      this.#sender.identify(entry, {
        signal,
        onProgress: (read) => this.#set(entry, "hashing", { read }),
        onDigest: () => {
          this.#set(entry, "checking")
          this.#startNext()
        },
      }),
    )
    if (found === undefined) return
    if (found) this.#save(entry, { ...found, status: "duplicate" })
    else if (this.#twins.follows(entry)) this.#set(entry, "twin", { message: entry.leader.name })
    else this.#enqueue(entry, "queued")
    this.#startNext()
  }

  async #send(entry) {
    this.#set(entry, "sending", { message: "", meter: new Meter() })
    const record = await this.#attempt(entry, (signal) =>
      this.#sender.send(entry, { signal, onProgress: (bytes) => this.#progress(entry, bytes, signal) }),
    )
    if (record) {
      this.#pauses = 0
      this.#save(entry, record)
    }
    this.#startNext()
  }

  // Resolves with undefined on failure, after the entry's state was set.
  async #attempt(entry, work) {
    const stop = (entry.stop = new AbortController())
    try {
      return await work(stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) this.#fail(entry, error)
      return undefined
    }
  }

  #progress(entry, bytes, signal) {
    if (signal.aborted) return
    const sent = Math.min(bytes, entry.size)
    const resumed = entry.url && !entry.started // bytes from an earlier try do not count for the speed
    const step = resumed ? 0 : Math.max(0, sent - entry.sent)
    entry.started = true
    entry.meter.add(step)
    this.tally.meter.add(step)
    this.#set(entry, sent < entry.size ? "sending" : "confirming", { sent })
  }

  #save(entry, record) {
    entry.uuid = record.uuid
    if (record.status !== "duplicate") this.#byUuid.set(record.uuid, entry)
    this.#settle(entry, record)
    this.dispatchEvent(new CustomEvent("saved", { detail: { entry, record } }))
    for (const twin of this.#twins.release(entry)) this.#save(twin, { ...record, status: "duplicate" })
  }

  #settle(entry, { status, message = "" }) {
    const state = { duplicate: "duplicate", failed: "unrendered", completed: "ready" }[status] ?? "preparing"
    this.#set(entry, state, { sent: entry.size, message })
  }

  #fail(entry, error) {
    if (error.code === "digest_mismatch") entry.sha256 = undefined // the file may have changed: hash it again
    if (entry.sent > entry.furthest + 1_000_000) Object.assign(entry, { tries: 0, furthest: entry.sent })
    if (entry.state !== "checking") entry.tries += 1
    if (error.temporary && entry.tries < TRIES) return this.#retryLater(entry, error)
    this.#set(entry, "failed", { sent: 0, message: error.message || "Something unexpected happened. Try again." })
    this.#restartTwins(entry)
    this.#startNext()
  }

  // One failed request pauses the whole queue, so that other files do not use up their tries.
  #retryLater(entry, error) {
    this.#set(entry, "retrying", { message: error.message, sent: entry.url ? entry.sent : 0 })
    if (this.#pauseTimer) return
    const pause = PAUSES[Math.min(this.#pauses, PAUSES.length - 1)]
    this.#pauses += 1
    this.#pauseTimer = setTimeout(() => this.wake(), Math.max(pause, error.wait))
  }

  #stop(entry, state) {
    this.#set(entry, state, entry.url ? {} : { sent: 0 })
    entry.stop?.abort()
    this.#startNext()
  }

  #restartTwins(entry) {
    for (const twin of this.#twins.release(entry)) this.#restart(twin)
  }

  #set(entry, state, values) {
    if (entry.state !== state && state === "sending") entry.started = false
    Object.assign(entry, values, { state })
    if (state === "failed") this.failed.add(entry)
    else this.failed.delete(entry)
    if (this.entries.has(entry)) this.tally.update(entry)
    this.#changed(entry)
  }

  #changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: { entry } }))
  }
}
