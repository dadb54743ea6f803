// Updates the parts of the page outside the photos from the server: counts, notes, the order bar, the cover, the text of
// an empty collection. Fires `head-shown` with {empty} on the collection after each update.

import { getText } from "../shared/http.js"
import { withRetries } from "../shared/retry.js"

const INTERVAL = 2000 // ms between two updates
const collection = document.querySelector("[data-collection]")
const received = new Map() // name of a part -> its HTML in the last response
let scheduled = null
let running
let pause

for (const part of document.querySelectorAll("[data-head]")) received.set(part.dataset.head, part.innerHTML)

// Resolves after an update that began after this call. Never rejects; if the collection was closed, nothing changes.
export function refreshHead() {
  return (scheduled ??= schedule().catch(() => {}))
}

async function schedule() {
  await Promise.allSettled([running, pause])
  scheduled = null
  pause = new Promise((resolve) => setTimeout(resolve, INTERVAL))
  return (running = update())
}

async function update() {
  const { headUrl, sort } = collection.dataset
  const html = await withRetries(() => getText(`${headUrl}?${new URLSearchParams({ sort })}`))
  const page = new DOMParser().parseFromString(html, "text/html")
  page.querySelectorAll("[data-head]").forEach(show)
  const empty = "empty" in page.querySelector("[data-collection]").dataset
  collection.dispatchEvent(new CustomEvent("head-shown", { detail: { empty } }))
}

// While photos are being arranged, the order bar is left as it is.
function show(fresh) {
  const { head: name } = fresh.dataset
  const part = document.querySelector(`[data-head="${name}"]`)
  if (received.get(name) === fresh.innerHTML && part.textContent === fresh.textContent) return
  if (name === "order" && document.querySelector(".arranging")) return
  received.set(name, fresh.innerHTML)
  const focused = [...part.querySelectorAll("a, button")].indexOf(document.activeElement)
  part.replaceChildren(...fresh.childNodes)
  part.querySelectorAll("a, button")[focused]?.focus({ preventScroll: true })
}
