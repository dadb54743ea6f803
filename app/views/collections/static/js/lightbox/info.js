// The information panel: beside the picture on wide screens, a sheet below it on phones. What it says is fetched when
// somebody looks, once per photograph.

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
  #shown = null // the uuid that the panel speaks of

  constructor(pswp) {
    this.#pswp = pswp
    this.#build()
    pswp.options.getViewportSizeFn = () => this.#stage()
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
    panel.tabIndex = 0 // so that the keyboard can scroll it
    panel.setAttribute("aria-label", "Information")
    panel.innerHTML = `<header><h2>Information</h2><button class="lightbox-button" type="button" aria-label="Close information">Close</button></header>`
    panel.querySelector("button").addEventListener("click", () => this.toggle())
    panel.addEventListener("wheel", (event) => event.stopPropagation()) // scrolls, does not zoom
    this.#body.setAttribute("aria-live", "polite")
    panel.append(this.#body)
  }

  // What the panel leaves to the picture; PhotoSwipe centres it there.
  #stage() {
    const [x, y] = [document.documentElement.clientWidth, window.innerHeight]
    if (!this.isOpen) return { x, y }
    return BESIDE.matches ? { x: x - this.#panel.offsetWidth, y } : { x, y: y - this.#panel.offsetHeight }
  }

  async #show({ uuid, infoUrl }) {
    if (this.#shown === uuid) return
    this.#shown = uuid
    this.#body.setAttribute("aria-busy", "true")
    const parts = infoUrl ? await this.#ask(uuid, infoUrl) : []
    if (this.#shown !== uuid) return // somebody has moved on
    this.#body.removeAttribute("aria-busy")
    this.#body.replaceChildren(...parts)
    this.#panel.scrollTop = 0
  }

  async #ask(uuid, infoUrl) {
    try {
      if (!this.#known.has(uuid)) this.#known.set(uuid, await getJson(infoUrl))
      return [listOf(factsOf(this.#known.get(uuid)))]
    } catch {
      return this.#apology()
    }
  }

  #apology() {
    const words = document.createElement("p")
    words.textContent = "The information did not load."
    const again = document.createElement("button")
    again.className = "lightbox-button"
    again.textContent = "Try again"
    again.addEventListener("click", () => {
      this.#shown = null
      this.#show(this.#pswp.currSlide.data)
    })
    return [words, again]
  }
}

function listOf(facts) {
  const list = document.createElement("dl")
  for (const [label, words, url] of facts) {
    const [name, value] = [document.createElement("dt"), document.createElement("dd")]
    name.textContent = label
    value.append(url ? linkTo(url, words) : words)
    list.append(name, value)
  }
  return list
}

function linkTo(url, words) {
  const link = document.createElement("a")
  link.href = url
  link.target = "_blank"
  link.rel = "noreferrer"
  link.textContent = words
  link.setAttribute("aria-label", `${words} on OpenStreetMap, in a new tab`)
  return link
}
