// The files on their way: each is counted, asked for, and sent if it is missing. It knows nothing of the page.

import { canPause, canRetry, OPEN } from "./states.js"
import { Meter, Tally } from "./tally.js"
import { Twins } from "./twins.js"

const HASHING_LANES = 2
const SENDING_LANES = 3
const TRIES = 6
const PAUSES = [1000, 2000, 5000, 10_000, 20_000, 30_000]

export class UploadQueue extends EventTarget {
  entries = new Set()
  failed = new Set()
  tally = new Tally()
  #sender
  #twins = new Twins()
  #lines = { waiting: [], queued: [] }
  #saved = new Map()
  #nextId = 1
  #setbacks = 0
  #rest = 0

  // `sender`: identify(entry, …), send(entry, …) and forget(entry), as UploadSender has them.
  constructor(sender) {
    super()
    this.#sender = sender
  }

  // `wanted`: [{file, refusal}]; what is refused is listed and never read.
  add(wanted) {
    for (const { file, refusal } of wanted) {
      const entry = this.#entryOf(file)
      this.entries.add(entry)
      if (refusal) this.#set(entry, "failed", { message: refusal, canRetry: false })
      else {
        this.dispatchEvent(new CustomEvent("added", { detail: { entry } }))
        this.#line(entry, "waiting")
      }
    }
    this.#fill()
  }

  pause(entry) {
    if (canPause(entry)) this.#halt(entry, "paused")
  }

  resume(entry) {
    if (entry.state === "paused") this.#again(entry)
  }

  cancel(entry) {
    if (!OPEN.has(entry.state)) return
    this.#halt(entry, "cancelled")
    this.#sender.forget(entry)
    this.#free(entry)
  }

  retry(entry) {
    if (!canRetry(entry)) return
    this.dispatchEvent(new CustomEvent("added", { detail: { entry } }))
    this.#again(entry, { tries: 0, sent: 0, message: "" })
  }

  dismiss(entry) {
    if (OPEN.has(entry.state)) return
    this.entries.delete(entry)
    this.failed.delete(entry)
    this.tally.drop(entry)
    this.#changed(entry)
  }

  // Does the same with every file that it can be done with.
  each(action) {
    for (const entry of [...this.entries]) this[action](entry)
  }

  // What the server said later about a file that was still being prepared.
  settle(uuid, status, reason) {
    const entry = this.#saved.get(uuid)
    if (entry && this.entries.has(entry)) this.#settle(entry, { status, message: reason })
  }

  // The connection is back: no reason to wait any longer.
  wake() {
    clearTimeout(this.#rest)
    this.#rest = 0
    for (const entry of this.entries) if (entry.state === "resting") this.#line(entry, "waiting")
    this.#fill()
  }

  #entryOf(file) {
    return {
      id: this.#nextId++, file, name: file.name, size: file.size, state: "waiting", sent: 0, read: 0, furthest: 0,
      tries: 0, message: "", canRetry: true, sha256: undefined, url: "", uuid: "", meter: new Meter(), stop: null,
    } // prettier-ignore
  }

  #again(entry, values = {}) {
    this.#line(entry, "waiting", values)
    this.#fill()
  }

  #line(entry, state, values) {
    this.#set(entry, state, values)
    this.#lines[state].push(entry)
  }

  #fill() {
    if (this.#rest) return
    const { tally } = this
    for (let entry; tally.count("sending", "confirming") < SENDING_LANES && (entry = this.#next("queued")); ) this.#send(entry)
    for (let entry; tally.count("hashing") < HASHING_LANES && (entry = this.#next("waiting")); ) this.#identify(entry)
  }

  // What was paused or cancelled meanwhile still stands in the line, and is passed over.
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
          this.#fill()
        },
      }),
    )
    if (found === undefined) return
    if (found) this.#save(entry, { ...found, status: "duplicate" })
    else if (this.#twins.follows(entry)) this.#set(entry, "twin", { message: entry.leader.name })
    else this.#line(entry, "queued")
    this.#fill()
  }

  async #send(entry) {
    this.#set(entry, "sending", { message: "", meter: new Meter() })
    const record = await this.#attempt(entry, (signal) =>
      this.#sender.send(entry, { signal, onProgress: (bytes) => this.#progress(entry, bytes, signal) }),
    )
    if (record) {
      this.#setbacks = 0
      this.#save(entry, record)
    }
    this.#fill()
  }

  // Resolves with undefined if it came to nothing; what became of the entry is in the entry then.
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
    const had = entry.url && !entry.started // what the server had already is no speed
    const step = had ? 0 : Math.max(0, sent - entry.sent)
    entry.started = true
    entry.meter.add(step)
    this.tally.meter.add(step)
    this.#set(entry, sent < entry.size ? "sending" : "confirming", { sent })
  }

  #save(entry, record) {
    entry.uuid = record.uuid
    if (record.status !== "duplicate") this.#saved.set(record.uuid, entry)
    this.#settle(entry, record)
    this.dispatchEvent(new CustomEvent("saved", { detail: { entry, record } }))
    for (const twin of this.#twins.release(entry)) this.#save(twin, { ...record, status: "duplicate" })
  }

  #settle(entry, { status, message = "" }) {
    const state = { duplicate: "duplicate", failed: "unrendered", completed: "ready" }[status] ?? "preparing"
    this.#set(entry, state, { sent: entry.size, message })
  }

  #fail(entry, error) {
    if (error.code === "digest_mismatch") entry.sha256 = undefined // the file may be another one by now
    if (entry.sent > entry.furthest + 1_000_000) Object.assign(entry, { tries: 0, furthest: entry.sent })
    if (entry.state !== "checking") entry.tries += 1
    if (error.passing && entry.tries < TRIES) return this.#waitFor(entry, error)
    this.#set(entry, "failed", { sent: 0, message: error.message || "Something unexpected happened. Try again." })
    this.#free(entry)
    this.#fill()
  }

  // One that finds the server gone makes all of them wait, so that no file uses up its tries meanwhile.
  #waitFor(entry, error) {
    this.#set(entry, "resting", { message: error.message, sent: entry.url ? entry.sent : 0 })
    if (this.#rest) return
    const pause = PAUSES[Math.min(this.#setbacks, PAUSES.length - 1)]
    this.#setbacks += 1
    this.#rest = setTimeout(() => this.wake(), Math.max(pause, error.wait))
  }

  #halt(entry, state) {
    this.#set(entry, state, entry.url ? {} : { sent: 0 })
    entry.stop?.abort()
    this.#fill()
  }

  // Who waited for this one's bytes has to go by himself.
  #free(entry) {
    for (const twin of this.#twins.release(entry)) this.#again(twin)
  }

  #set(entry, state, values) {
    if (entry.state !== state && state === "sending") entry.started = false
    Object.assign(entry, values, { state })
    if (state === "failed") this.failed.add(entry)
    else this.failed.delete(entry)
    if (this.entries.has(entry)) this.tally.take(entry)
    this.#changed(entry)
  }

  #changed(entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: { entry } }))
  }
}
