// Requests to our own server. Changes send the CSRF token of the page.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content
}

// Fetch a new token, e.g. after the visitor signed in again in another tab.
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

// Throws HttpError or ConnectionLost. A redirected GET is an error: it leads to the sign-in or password page.
async function request(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options }).catch(lost)
  if (!response.ok || (response.redirected && !options.method)) throw new HttpError(response.status)
  return response
}

// fetch throws TypeError when the connection is lost; other errors (AbortError, SyntaxError) are passed on.
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
