// Requests to our own server, with the token that every change needs.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content
}

// Signing in again in another tab makes the token of this page worthless; the server has a new one.
export async function renewToken() {
  const page = new DOMParser().parseFromString(await getText(location.href), "text/html")
  document.querySelector('meta[name="csrf-token"]').content = page.querySelector('meta[name="csrf-token"]').content
}

export function getJson(url) {
  return request(url, { headers: { Accept: "application/json" } }).then((response) => response.json().catch(lost))
}

export function getText(url, options) {
  return request(url, { headers: { Accept: "text/html" }, ...options }).then((response) => response.text().catch(lost))
}

export function post(url, data) {
  const json = data && { "Content-Type": "application/json" }
  return request(url, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), ...json },
    body: data && JSON.stringify(data),
  })
}

// A redirect means a sign-in or password page: an answer, but not the one asked for.
async function request(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options }).catch(lost)
  if (!response.ok || (response.redirected && !options.method)) throw new HttpError(response.status)
  return response
}

// Whoever has given up waiting hears of that, and not of a lost connection; so does whoever got no JSON.
function lost(error) {
  throw error instanceof TypeError ? new ConnectionLost() : error
}

export class ConnectionLost extends Error {}

export class HttpError extends Error {
  constructor(status) {
    super(`The server answered ${status}`)
    this.status = status
  }
}
