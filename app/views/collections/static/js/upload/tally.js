// Sums over all files, kept up to date by differences, so that 10,000 files cost a progress event no more than one.

import { OPEN, OUT, SAFE } from "./states.js"

const WINDOW = 8000
const STEP = 250

// Bytes a second over the last seconds: steady enough to be read, quick enough to be true.
export class Meter {
  #steps = []

  add(bytes, now = performance.now()) {
    const last = this.#steps.at(-1)
    if (last && now - last.at < STEP) last.bytes += bytes
    else this.#steps.push({ at: now, bytes })
    while (now - this.#steps[0].at > WINDOW) this.#steps.shift()
  }

  speed(now = performance.now()) {
    const steps = this.#steps.filter((step) => now - step.at <= WINDOW)
    if (steps.length === 0) return 0
    const bytes = steps.reduce((sum, step) => sum + step.bytes, 0)
    return (bytes * 1000) / Math.max(now - steps[0].at, 1000)
  }

  // Seconds for so many more bytes, or null while nobody can know.
  secondsFor(bytes) {
    const speed = this.speed()
    return speed > 0 && this.#steps.length > 3 ? bytes / speed : null
  }
}

export class Tally {
  meter = new Meter()
  bytes = 0
  done = 0
  #counts = {}

  // Takes the entry in as it is now, in place of what it was when it was last seen.
  take(entry) {
    this.drop(entry)
    const bytes = OUT.has(entry.state) ? 0 : entry.size
    const done = SAFE.has(entry.state) ? bytes : Math.min(entry.sent, bytes * 0.99)
    entry.counted = { state: entry.state, bytes, done }
    this.#add(entry.counted, 1)
  }

  drop(entry) {
    if (entry.counted) this.#add(entry.counted, -1)
    entry.counted = null
  }

  count(...states) {
    return states.reduce((sum, state) => sum + (this.#counts[state] ?? 0), 0)
  }

  get open() {
    return this.count(...OPEN)
  }

  get safe() {
    return this.count(...SAFE)
  }

  // Share of all bytes; a file counts as whole only when the server has it.
  get progress() {
    return this.bytes ? this.done / this.bytes : 0
  }

  #add({ state, bytes, done }, sign) {
    this.#counts[state] = (this.#counts[state] ?? 0) + sign
    this.bytes += sign * bytes
    this.done += sign * done
  }
}
