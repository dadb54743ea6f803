// What stands above the photographs, or in their place, as the server sees it now: counts, what could not be read, the
// order bar, the cover, the words of an empty collection. Fires `head-shown` on the collection after each look, with
// whether the collection is empty.

import { getText } from "../shared/http.js"
import { insist } from "../shared/insist.js"

const REST = 2000 // ms between two looks, however many ask
const collection = document.querySelector("[data-collection]")
const told = new Map() // name of a part -> as the server said it last
let next = null // the look that is to come
let running
let rest

for (const part of document.querySelectorAll("[data-head]")) told.set(part.dataset.head, part.innerHTML)

// Resolves when a look that began after the question is over; of a collection that was closed meanwhile nothing changes.
export function refreshHead() {
  return (next ??= look().catch(() => {}))
}

async function look() {
  await Promise.allSettled([running, rest])
  next = null
  rest = new Promise((resolve) => setTimeout(resolve, REST))
  return (running = take())
}

async function take() {
  const { headUrl, sort } = collection.dataset
  const html = await insist(() => getText(`${headUrl}?${new URLSearchParams({ sort })}`))
  const page = new DOMParser().parseFromString(html, "text/html")
  page.querySelectorAll("[data-head]").forEach(show)
  const empty = "empty" in page.querySelector("[data-collection]").dataset
  collection.dispatchEvent(new CustomEvent("head-shown", { detail: { empty } }))
}

// The buttons of the order bar stay as they are while somebody arranges.
function show(fresh) {
  const { head: name } = fresh.dataset
  const part = document.querySelector(`[data-head="${name}"]`)
  if (told.get(name) === fresh.innerHTML && part.textContent === fresh.textContent) return
  if (name === "order" && document.querySelector(".arranging")) return
  told.set(name, fresh.innerHTML)
  const focused = [...part.querySelectorAll("a, button")].indexOf(document.activeElement)
  part.replaceChildren(...fresh.childNodes)
  part.querySelectorAll("a, button")[focused]?.focus({ preventScroll: true })
}
