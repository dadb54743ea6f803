// Replaces the preview by the `large` variant on dense and large screens, if the preview has fewer pixels than the screen
// shows. The server makes `large` at the first request. If it fails, the preview stays until the next visit to the slide.

import { loadImage, previewWidth, renditionOf, showInstead, unload } from "./rendition.js"

const SETTLE_MS = 150 // nothing is loaded for slides shown for less
const PREPARE_MS = 4000 // after that, a slideshow continues with the preview

export class LargeRendition {
  #pswp
  #timer = null
  #loads = new Map() // by content: { image, finished }

  constructor(pswp) {
    this.#pswp = pswp
    for (const event of ["change", "loadComplete", "zoomPanUpdate", "resize", "openingAnimationEnd"]) {
      pswp.on(event, () => this.#soon())
    }
    pswp.on("slideDeactivate", ({ slide }) => this.#cancel(slide.content))
    pswp.on("contentDestroy", ({ content }) => this.#cancel(content))
    pswp.on("close", () => this.#stop())
  }

  // Resolves when the preview is decoded, and `large` if it is needed (waits 4 seconds for it at most).
  async prepare(content, zoomLevel) {
    await previewDecoded(content)
    if (!this.#isWanted(content, zoomLevel)) return
    await Promise.race([this.#load(content), new Promise((resolve) => setTimeout(resolve, PREPARE_MS))])
  }

  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const { currSlide } = this.#pswp
      if (currSlide && this.#isWanted(currSlide.content, currSlide.currZoomLevel)) this.#load(currSlide.content)
    }, SETTLE_MS)
  }

  #isWanted(content, zoomLevel) {
    const { largeUrl, largeWidth, width } = content.data
    if (!largeUrl || content.state !== "loaded" || content.largeFailed || renditionOf(content) !== "preview") return false
    const shown = previewWidth(content)
    return largeWidth > shown && zoomLevel * width * window.devicePixelRatio > shown
  }

  #load(content) {
    if (!this.#loads.has(content)) {
      const { image, decoded } = loadImage(content.data.largeUrl)
      this.#loads.set(content, { image, finished: this.#finish(content, image, decoded) })
    }
    return this.#loads.get(content).finished
  }

  async #finish(content, image, decoded) {
    const arrived = await decoded.then(() => true, () => false)
    if (this.#loads.get(content)?.image !== image) return // cancelled
    this.#loads.delete(content)
    // The server responds with a small placeholder image if the variant takes too long.
    if (arrived && image.naturalWidth > previewWidth(content) && content.element && renditionOf(content) === "preview") {
      showInstead(content, image, "large")
      this.#pswp.dispatch("renditionChange", { content })
    } else {
      content.largeFailed = true
      unload(image)
    }
  }

  #cancel(content) {
    content.largeFailed = false
    const load = this.#loads.get(content)
    if (!load) return
    this.#loads.delete(content)
    unload(load.image)
  }

  #stop() {
    clearTimeout(this.#timer)
    this.#timer = 0 // not null: #soon starts no timer while closing
    for (const content of [...this.#loads.keys()]) this.#cancel(content)
  }
}

function previewDecoded(content) {
  const image = content?.element
  return image instanceof HTMLImageElement ? image.decode().catch(() => {}) : Promise.resolve()
}
