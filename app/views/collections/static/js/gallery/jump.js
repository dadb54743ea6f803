// "Jump to a day": a button at the edge of the gallery, or the keys "d" and "/", open a list of the days. Typing part of a
// date ("may", "2024") filters the list.

import { dayName } from "./days.js"

const FEWEST_PHOTOS = 30 // smaller galleries need no button

export class DayJump {
  #button = document.querySelector("[data-jump-open]")
  #dialog = document.querySelector("[data-jump]")
  #list = this.#dialog.querySelector("[data-jump-days]")
  #search = this.#dialog.querySelector("input")
  #days
  #go

  // `days()` returns [day, count] of each day; `go(number)` scrolls to the day with that index.
  constructor(days, go) {
    this.#days = days
    this.#go = go
    this.#button.addEventListener("click", () => this.#open())
    this.#dialog.addEventListener("click", (event) => this.#click(event))
    this.#dialog.addEventListener("keydown", (event) => this.#moveFocus(event))
    this.#search.addEventListener("input", () => this.#filter())
    document.addEventListener("keydown", (event) => this.#key(event))
    this.refresh()
  }

  refresh() {
    const days = this.#days()
    const photos = days.reduce((sum, [, count]) => sum + count, 0)
    this.#button.hidden = days.length < 2 || photos < FEWEST_PHOTOS
  }

  #open() {
    this.#list.replaceChildren(...this.#days().map(([day, count], number) => entry(dayName(day), count, number)))
    this.#search.value = ""
    this.#dialog.showModal()
    this.#search.focus()
  }

  #key(event) {
    const typing = event.target.closest("input, textarea, select, [contenteditable], dialog, .pswp")
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !["d", "/"].includes(event.key)) return
    if (this.#button.hidden) return
    event.preventDefault()
    this.#open()
  }

  #click(event) {
    const chosen = event.target.closest("[data-day]")
    if (chosen || event.target === this.#dialog || event.target.closest("[data-jump-close]")) this.#dialog.close()
    if (chosen) this.#go(Number(chosen.dataset.day))
  }

  #filter() {
    const wanted = this.#search.value.trim().toLowerCase()
    for (const item of this.#list.children) item.hidden = !item.textContent.toLowerCase().includes(wanted)
  }

  #moveFocus(event) {
    const shown = [...this.#list.querySelectorAll("li:not([hidden]) button")]
    const at = shown.indexOf(document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Enter: at < 0 ? 0 : undefined }[event.key]
    if (to === undefined || shown.length === 0) return
    event.preventDefault()
    if (event.key === "Enter") shown[0].click()
    else (shown[to] ?? this.#search).focus()
  }
}

function entry(label, count, number) {
  const item = document.createElement("li")
  const button = document.createElement("button")
  button.type = "button"
  button.dataset.day = number
  const name = document.createElement("span")
  name.textContent = label
  const photos = document.createElement("span")
  photos.className = "soft numbers"
  photos.textContent = count.toLocaleString("en")
  button.append(name, " ", photos)
  item.append(button)
  return item
}
