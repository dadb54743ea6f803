// The information panel: beside the photo on wide screens, a sheet below it on phones. The information is fetched when the
// panel is open, once per photo.

import { getJson } from "../shared/http.js"
import { factsOf } from "./facts.js"

// As in css/lightbox_panel.css.
const BESIDE = window.matchMedia("(min-width: 56rem), (orientation: landscape)")

export class InfoPanel {
  isOpen = false
  #pswp
  #panel = document.createElement("section")
  #body = document.createElement("div")
  #known = new Map()
  #shown = null // the uuid of the photo in the panel

  constructor(pswp) {
    this.#pswp = pswp
    this.#build()
    pswp.options.getViewportSizeFn = () => this.#viewport()
    pswp.on("initialLayout", () => pswp.element.append(this.#panel))
    pswp.on("change", () => this.isOpen && this.#show(pswp.currSlide.data))
  }

  toggle() {
    this.isOpen = !this.isOpen
    const { element } = this.#pswp
    const focusInside = this.#panel.contains(document.activeElement)
    this.#panel.hidden = !this.isOpen
    element.classList.toggle("pswp--info", this.isOpen)
    this.#pswp.updateSize(true)
    this.#pswp.dispatch("infoChange")
    if (this.isOpen) this.#show(this.#pswp.currSlide.data)
    else if (focusInside) element.querySelector(".pswp__button--info").focus()
  }

  #build() {
    const panel = this.#panel
    panel.className = "lightbox-info"
    panel.hidden = true
    panel.tabIndex = 0 // for scrolling with the keyboard
    panel.setAttribute("aria-label", "Information")
    panel.innerHTML = `<header><h2>Information</h2><button class="lightbox-button" type="button" aria-label="Close information">Close</button></header>`
    panel.querySelector("button").addEventListener("click", () => this.toggle())
    panel.addEventListener("wheel", (event) => event.stopPropagation()) // scrolls, does not zoom
    this.#body.setAttribute("aria-live", "polite")
    panel.append(this.#body)
  }

  // The window without the panel; PhotoSwipe centres the photo in it.
  #viewport() {
    const [x, y] = [document.documentElement.clientWidth, window.innerHeight]
    if (!this.isOpen) return { x, y }
    return BESIDE.matches ? { x: x - this.#panel.offsetWidth, y } : { x, y: y - this.#panel.offsetHeight }
  }

  async #show({ uuid, infoUrl }) {
    if (this.#shown === uuid) return
    this.#shown = uuid
    this.#body.setAttribute("aria-busy", "true")
    const parts = infoUrl ? await this.#load(uuid, infoUrl) : []
    if (this.#shown !== uuid) return // another photo is shown by now
    this.#body.removeAttribute("aria-busy")
    this.#body.replaceChildren(...parts)
    this.#panel.scrollTop = 0
  }

  async #load(uuid, infoUrl) {
    try {
      if (!this.#known.has(uuid)) this.#known.set(uuid, await getJson(infoUrl))
      return [listOf(factsOf(this.#known.get(uuid)))]
    } catch {
      return this.#failure()
    }
  }

  #failure() {
    const message = document.createElement("p")
    message.textContent = "The information couldn’t be loaded."
    const retry = document.createElement("button")
    retry.className = "lightbox-button"
    retry.textContent = "Retry"
    retry.addEventListener("click", () => {
      this.#shown = null
      this.#show(this.#pswp.currSlide.data)
    })
    return [message, retry]
  }
}

function listOf(facts) {
  const list = document.createElement("dl")
  for (const [label, text, url] of facts) {
    const [name, value] = [document.createElement("dt"), document.createElement("dd")]
    name.textContent = label
    value.append(url ? linkTo(url, text) : text)
    list.append(name, value)
  }
  return list
}

function linkTo(url, text) {
  const link = document.createElement("a")
  link.href = url
  link.target = "_blank"
  link.rel = "noreferrer"
  link.textContent = text
  link.setAttribute("aria-label", `${text} on OpenStreetMap, in a new tab`)
  return link
}
