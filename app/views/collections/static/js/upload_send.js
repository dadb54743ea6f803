// Sends one file and says what the server answered. Only its answer makes a file safe.

import { csrfToken, renewToken } from "./http.js"

const STALLED_AFTER = 120_000

export class UploadError extends Error {
  // `passing`: the same request may succeed in a moment. `wait`: milliseconds that the server asked for.
  constructor(message, { code = "", passing = false, wait = 0 } = {}) {
    super(message)
    this.code = code
    this.passing = passing
    this.wait = wait
  }
}

// Resolves with the server's record of the file; rejects with UploadError.
export async function sendFile(url, file, onProgress) {
  try {
    return await sendOnce(url, file, onProgress)
  } catch (error) {
    if (error.code !== "csrf") throw error
    await renewToken().catch(() => Promise.reject(error))
    return sendOnce(url, file, onProgress)
  }
}

// XMLHttpRequest, because fetch tells nothing about bytes on their way.
function sendOnce(url, file, onProgress) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    let stalled
    const keepAlive = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => xhr.abort(), STALLED_AFTER)
    }
    const lost = (message) => reject(new UploadError(message, { passing: true }))

    xhr.open("POST", url)
    xhr.setRequestHeader("Accept", "application/json")
    xhr.setRequestHeader("X-CSRFToken", csrfToken())
    xhr.upload.addEventListener("progress", (event) => {
      keepAlive()
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    xhr.addEventListener("load", () => {
      try {
        resolve(readAnswer(xhr))
      } catch (error) {
        reject(error)
      }
    })
    xhr.addEventListener("error", () => lost("The connection was lost."))
    xhr.addEventListener("abort", () => lost("The server has not answered for two minutes."))
    xhr.addEventListener("loadend", () => clearTimeout(stalled))

    const body = new FormData()
    body.append("files", file, file.name)
    keepAlive()
    xhr.send(body)
  })
}

function readAnswer(xhr) {
  const answer = parse(xhr.responseText)
  if (xhr.status === 201 && answer?.files?.length) return answer.files[0]
  const problem = answer?.errors?.[0] ?? answer?.error
  throw new UploadError(problem?.message || wordsFor(xhr.status), {
    code: problem?.code,
    passing: xhr.status === 408 || xhr.status === 429 || (xhr.status >= 500 && xhr.status !== 507),
    wait: Number(xhr.getResponseHeader("Retry-After")) * 1000 || 0,
  })
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
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
    case 200:
      return "The server answered with a page instead of a receipt. Reload this page and try again."
    default:
      return `The server could not save this file (${status}).`
  }
}
