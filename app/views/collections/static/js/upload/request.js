// Requests with upload progress, which fetch does not report; therefore XMLHttpRequest.

import { csrfToken, renewToken } from "../shared/http.js"

const STALLED_MS = 120_000

export class UploadError extends Error {
  // `temporary`: a retry may succeed. `lost`: there was no response. `wait`: the server's Retry-After in ms. `status`: the
  // HTTP status, 0 without a response.
  constructor(message, { code = "", temporary = false, lost = false, wait = 0, status = 0 } = {}) {
    super(message)
    Object.assign(this, { code, temporary, lost, wait, status })
  }
}

// Resolves with {data, header(name)}, `data` being the parsed JSON or null; rejects with UploadError or the signal's reason.
// `external`: a presigned URL of the store, which gets no CSRF token and no cookies.
export async function request(method, url, options = {}) {
  try {
    return await requestOnce(method, url, options)
  } catch (error) {
    if (error.code !== "csrf" || options.external) throw error
    await renewToken().catch(() => Promise.reject(error))
    return requestOnce(method, url, options)
  }
}

function requestOnce(method, url, { json, body, headers, external = false, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const xhr = new XMLHttpRequest()
    xhr.open(method, url)
    for (const [name, value] of headersOf({ json, headers, external })) xhr.setRequestHeader(name, value)
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
    xhr.addEventListener("error", () => reject(connectionLost("The connection was lost.")))
    xhr.addEventListener("abort", () => reject(signal?.aborted ? signal.reason : connectionLost("The server has not answered for two minutes.")))
    xhr.addEventListener("loadend", () => {
      watch.end()
      signal?.removeEventListener("abort", stop)
    })
    xhr.send(json === undefined ? body : JSON.stringify(json))
  })
}

function* headersOf({ json, headers = {}, external }) {
  yield* Object.entries(headers)
  if (external) return
  yield ["Accept", "application/json"]
  yield ["X-CSRFToken", csrfToken()]
  if (json !== undefined) yield ["Content-Type", "application/json"]
}

function watchStall(xhr) {
  let timer
  const end = () => clearTimeout(timer)
  const alive = () => {
    end()
    timer = setTimeout(() => xhr.abort(), STALLED_MS)
  }
  alive()
  return { alive, end }
}

function settle(xhr, resolve, reject) {
  const data = parse(xhr.responseText)
  const header = (name) => xhr.getResponseHeader(name)
  if (xhr.status >= 200 && xhr.status < 300) return resolve({ data, header })
  const problem = data?.errors?.[0] ?? data?.error
  reject(
    new UploadError(problem?.message || messageFor(xhr.status), {
      code: problem?.code,
      status: xhr.status,
      temporary: xhr.status === 408 || xhr.status === 429 || (xhr.status >= 500 && xhr.status !== 507),
      wait: Number(header("Retry-After")) * 1000 || 0,
    }),
  )
}

function connectionLost(message) {
  return new UploadError(message, { temporary: true, lost: true })
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

// Return the record of the one uploaded file. A response without JSON (e.g. a proxy's page) is an UploadError.
export function receiptOf({ data }) {
  if (data?.files?.length) return data.files[0]
  const problem = data?.errors?.[0]
  throw new UploadError(problem?.message || messageFor(200), { code: problem?.code, status: 422 })
}

const NOT_ACCEPTED = "The server didn’t accept this file. Reload the page and try again."
const MESSAGES = {
  200: "Unexpected answer from the server. Reload the page and try again.",
  400: NOT_ACCEPTED,
  401: "You are signed out. Sign in again in another tab, then retry.",
  403: NOT_ACCEPTED,
  404: "This collection no longer exists.",
  413: "This file is too large for the server.",
  429: "Too many uploads at once.",
  507: "The server’s disk is full, so this file was not saved. Tell the administrator, and upload it again once there is space.",
}

function messageFor(status) {
  return MESSAGES[status] ?? `The server couldn’t save this file (${status}).`
}
