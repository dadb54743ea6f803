// Does again what a broken connection or a busy server kept from happening: after pauses that grow, and at once when the
// network is back.

import { ConnectionLost, HttpError } from "./http.js"

const PAUSES = [1000, 2000, 5000, 10_000, 30_000] // ms; then always the last

// Resolves with what `work()` does; rejects with what will not pass: gone, signed out, not allowed, given up.
export async function insist(work) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!mayPass(error)) throw error
    }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)])
  }
}

function mayPass(error) {
  if (error instanceof HttpError) return error.status >= 500 || error.status === 429
  return error instanceof ConnectionLost
}

function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    addEventListener("online", done)
    function done() {
      clearTimeout(timer)
      removeEventListener("online", done)
      resolve()
    }
  })
}
