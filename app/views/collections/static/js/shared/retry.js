// Retries requests after a lost connection or a server error: after growing pauses, and at once when the network is back.

import { ConnectionLost, HttpError } from "./http.js"

const PAUSES = [1000, 2000, 5000, 10_000, 30_000] // ms; the last one repeats

// Resolves with the result of `work()`; rejects with errors that are not temporary (4xx except 429, aborted).
export async function withRetries(work) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isTemporary(error)) throw error
    }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)])
  }
}

function isTemporary(error) {
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
