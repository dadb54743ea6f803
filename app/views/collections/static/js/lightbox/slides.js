// Hands the photographs of a source to PhotoSwipe: those that are not loaded yet as a quiet slide that turns into the
// picture, those that cannot be shown as words; and follows the page while it changes behind the lightbox.

import { messageElement, waitingMessage } from "./items.js"

export class Slides {
  #pswp
  #source
  #loading = new Map()
  #unreachable = new Set()
  #visited = null // the place that is looked at

  constructor(pswp, source) {
    this.#pswp = pswp
    this.#source = source
    pswp.addFilter("numItems", () => source.count)
    pswp.addFilter("itemData", (_, index) => this.#data(index))
    pswp.addFilter("thumbEl", (_, __, index) => source.element(index)?.querySelector("img"))
    pswp.addFilter("placeholderSrc", (src, content) => content.data.msrc || src)
    pswp.addFilter("contentErrorElement", (element, { data }) =>
      messageElement(data, "The preview did not load", "The connection may be slow or gone. Coming back to this photograph tries again."),
    )
    pswp.on("contentLoad", showWords)
    pswp.on("slideActivate", ({ slide }) => this.#arriveAt(slide.index))
    pswp.on("destroy", source.onChange(() => this.#follow()))
  }

  // Resolves to the content of a slide whose photograph is loaded, though not yet its picture.
  async ready(index) {
    if (!this.#source.item(index)) await this.#load(index)
    this.#pswp.contentLoader.loadSlideByIndex(index)
    return this.#pswp.contentLoader.getContentByIndex(index)
  }

  #data(index) {
    const item = this.#source.item(index)
    if (item) return item
    if (this.#unreachable.has(index)) return { type: "message", status: "unreachable", name: "" }
    this.#load(index)
    return { type: "message", status: "loading", name: "" }
  }

  #load(index) {
    if (!this.#loading.has(index)) this.#loading.set(index, this.#loaded(index))
    return this.#loading.get(index)
  }

  async #loaded(index) {
    try {
      await this.#source.load(index)
    } catch {
      this.#unreachable.add(index)
    }
    this.#loading.delete(index)
    this.#refresh(index)
  }

  // Tries once more for whoever comes to it, and not whenever the slide is renewed.
  #arriveAt(index) {
    if (index === this.#visited) return
    this.#visited = index
    if (this.#unreachable.delete(index)) this.#load(index)
  }

  #refresh(index) {
    if (!this.#pswp.isDestroying && this.#pswp.isOpen) this.#pswp.refreshSlideContent(index)
  }

  async #follow() {
    const pswp = this.#pswp
    const { uuid } = pswp.currSlide?.data ?? {}
    const index = uuid ? await this.#source.indexOf(uuid) : pswp.currIndex
    if (pswp.isDestroying) return
    if (this.#source.count === 0) return pswp.close()
    this.#moveTo(index < 0 ? Math.min(pswp.currIndex, this.#source.count - 1) : index)
    for (const { slide } of pswp.mainScroll.itemHolders) {
      const item = slide && this.#source.item(slide.index)
      if (item && !isSame(item, slide.data)) this.#refresh(slide.index)
    }
  }

  // The same photograph at another place: what PhotoSwipe keeps by place is renumbered, or forgotten.
  #moveTo(index) {
    const pswp = this.#pswp
    const shift = index - pswp.currIndex
    if (shift === 0) return
    for (const away of [-4, -3, -2, 2, 3, 4]) pswp.contentLoader.removeByIndex(pswp.getLoopedIndex(pswp.currIndex + away))
    pswp.currIndex = pswp.potentialIndex = index
    pswp.mainScroll.itemHolders.forEach(({ slide }, place) => {
      if (slide) slide.index = slide.content.index = pswp.getLoopedIndex(index - 1 + place)
    })
    pswp.dispatch("change")
  }
}

function isSame(item, data) {
  return item.uuid === data.uuid && item.status === data.status && item.src === data.src
}

function showWords(event) {
  const { content } = event
  if (content.type !== "message") return
  event.preventDefault()
  content.element = document.createElement("div")
  content.element.className = "pswp__content"
  content.element.append(waitingMessage(content.data))
  content.state = "loaded"
}
