// Gives PhotoSwipe the photos of a source. Photos that are not loaded yet have a waiting slide, photos that cannot be shown
// a message. Follows changes of the gallery behind the lightbox.

import { loadErrorElement, waitingMessage } from "./items.js"

export class Slides {
  #pswp
  #source
  #loading = new Map()
  #unreachable = new Set()
  #visited = null // the index of the active slide

  constructor(pswp, source) {
    this.#pswp = pswp
    this.#source = source
    pswp.addFilter("numItems", () => source.count)
    pswp.addFilter("itemData", (_, index) => this.#data(index))
    pswp.addFilter("thumbEl", (_, __, index) => source.element(index)?.querySelector("img"))
    pswp.addFilter("placeholderSrc", (src, content) => content.data.msrc || src)
    pswp.addFilter("contentErrorElement", (element, { data }) => loadErrorElement(data, "The preview couldn’t be loaded"))
    pswp.on("contentLoad", showMessage)
    pswp.on("slideActivate", ({ slide }) => this.#activate(slide.index))
    pswp.on("destroy", source.onChange(() => this.#follow()))
  }

  // Resolves with the content of a slide whose tile is loaded, though its image may not be.
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

  // Retry a failed photo when the visitor comes to it, but not when its slide is refreshed.
  #activate(index) {
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

  // The current photo has another index: renumber PhotoSwipe's slides, and remove those preloaded for the old indexes.
  #moveTo(index) {
    const pswp = this.#pswp
    const shift = index - pswp.currIndex
    if (shift === 0) return
    for (const offset of [-4, -3, -2, 2, 3, 4]) pswp.contentLoader.removeByIndex(pswp.getLoopedIndex(pswp.currIndex + offset))
    pswp.currIndex = pswp.potentialIndex = index
    pswp.mainScroll.itemHolders.forEach(({ slide }, holder) => {
      if (slide) slide.index = slide.content.index = pswp.getLoopedIndex(index - 1 + holder)
    })
    pswp.dispatch("change")
  }
}

function isSame(item, data) {
  return item.uuid === data.uuid && item.status === data.status && item.src === data.src
}

function showMessage(event) {
  const { content } = event
  if (content.type !== "message") return
  event.preventDefault()
  content.element = document.createElement("div")
  content.element.className = "pswp__content"
  content.element.append(waitingMessage(content.data))
  content.state = "loaded"
}
