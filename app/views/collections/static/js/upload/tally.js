// Totals over all files. Each change adds a difference, so a progress event costs the same for 10,000 files as for one.

import { UNFINISHED, DROPPED, UPLOADED } from "./states.js"

const WINDOW = 8000 // ms
const STEP = 250 // ms

// The speed over the last 8 seconds, in bytes per second.
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

  // The estimated seconds for this number of bytes; null until there are enough measurements.
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

  // Add an entry, or replace its earlier values.
  update(entry) {
    this.remove(entry)
    const bytes = DROPPED.has(entry.state) ? 0 : entry.size
    const done = UPLOADED.has(entry.state) ? bytes : Math.min(entry.sent, bytes * 0.99)
    entry.counted = { state: entry.state, bytes, done }
    this.#add(entry.counted, 1)
  }

  remove(entry) {
    if (entry.counted) this.#add(entry.counted, -1)
    entry.counted = null
  }

  count(...states) {
    return states.reduce((sum, state) => sum + (this.#counts[state] ?? 0), 0)
  }

  get unfinished() {
    return this.count(...UNFINISHED)
  }

  get uploaded() {
    return this.count(...UPLOADED)
  }

  // The share of all bytes, 0 to 1. A file counts at most 99% until the server confirms it.
  get progress() {
    return this.bytes ? this.done / this.bytes : 0
  }

  #add({ state, bytes, done }, sign) {
    this.#counts[state] = (this.#counts[state] ?? 0) + sign
    this.bytes += sign * bytes
    this.done += sign * done
  }
}
