// One request with bytes on their way, and what it means when it fails. XMLHttpRequest, because fetch tells nothing
// about bytes that leave.

import { csrfToken, renewToken } from "../shared/http.js"

const STALLED_AFTER = 120_000

export class UploadError extends Error {
  // `passing`: the same request may succeed in a moment. `lost`: nobody answered. `wait`: milliseconds that the server
  // asked for. `status`: 0 without an answer.
  constructor(message, { code = "", passing = false, lost = false, wait = 0, status = 0 } = {}) {
    super(message)
    Object.assign(this, { code, passing, lost, wait, status })
  }
}

// Resolves with {status, answer, header(name)}; rejects with UploadError, or with the signal's reason.
// `foreign` is a store's presigned address, which gets neither our token nor our cookies.
export async function ask(method, url, options = {}) {
  try {
    return await askOnce(method, url, options)
  } catch (error) {
    if (error.code !== "csrf" || options.foreign) throw error
    await renewToken().catch(() => Promise.reject(error))
    return askOnce(method, url, options)
  }
}

function askOnce(method, url, { json, body, headers, foreign = false, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const xhr = new XMLHttpRequest()
    xhr.open(method, url)
    for (const [name, value] of headersOf({ json, headers, foreign })) xhr.setRequestHeader(name, value)
    const watch = watchStall(xhr)
    const stop = () => xhr.abort()
    signal?.addEventListener("abort", stop)
    if (onProgress) {
      xhr.upload.addEventListener("progress", (event) => {
        watch.alive()
        onProgress(event.loaded)
      })
    }
    xhr.addEventListener("load", () => settle(xhr, resolve, reject))
    xhr.addEventListener("error", () => reject(lost("The connection was lost.")))
    xhr.addEventListener("abort", () => reject(signal?.aborted ? signal.reason : lost("The server has not answered for two minutes.")))
    xhr.addEventListener("loadend", () => {
      watch.end()
      signal?.removeEventListener("abort", stop)
    })
    xhr.send(json === undefined ? body : JSON.stringify(json))
  })
}

function* headersOf({ json, headers = {}, foreign }) {
  yield* Object.entries(headers)
  if (foreign) return
  yield ["Accept", "application/json"]
  yield ["X-CSRFToken", csrfToken()]
  if (json !== undefined) yield ["Content-Type", "application/json"]
}

function watchStall(xhr) {
  let timer
  const end = () => clearTimeout(timer)
  const alive = () => {
    end()
    timer = setTimeout(() => xhr.abort(), STALLED_AFTER)
  }
  alive()
  return { alive, end }
}

function settle(xhr, resolve, reject) {
  const answer = parse(xhr.responseText)
  const header = (name) => xhr.getResponseHeader(name)
  if (xhr.status >= 200 && xhr.status < 300) return resolve({ status: xhr.status, answer, header })
  const problem = answer?.errors?.[0] ?? answer?.error
  reject(
    new UploadError(problem?.message || wordsFor(xhr.status), {
      code: problem?.code,
      status: xhr.status,
      passing: xhr.status === 408 || xhr.status === 429 || (xhr.status >= 500 && xhr.status !== 507),
      wait: Number(header("Retry-After")) * 1000 || 0,
    }),
  )
}

function lost(message) {
  return new UploadError(message, { passing: true, lost: true })
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

// The receipt of the one file that was sent; a page instead of it means that somebody else answered.
export function receiptOf({ answer }) {
  if (answer?.files?.length) return answer.files[0]
  const problem = answer?.errors?.[0]
  throw new UploadError(problem?.message || wordsFor(200), { code: problem?.code, status: 422 })
}

function wordsFor(status) {
  switch (status) {
    case 401:
      return "You are signed out. Sign in again in another tab, then retry."
    case 400:
    case 403:
      return "The server did not accept this. Reload the page and try again."
    case 404:
      return "This collection is gone."
    case 413:
      return "The server takes no file of this size."
    case 429:
      return "Too many uploads at once."
    case 507:
      return "The server's disk is full, so this file was not saved. Tell the administrator, and upload it again once there is space."
    case 200:
      return "The server answered with a page instead of a receipt. Reload this page and try again."
    default:
      return `The server could not save this file (${status}).`
  }
}
