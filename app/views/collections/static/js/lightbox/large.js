// The larger variant, for dense and big screens: once the preview is here and has fewer pixels than the screen gives
// the picture, `large` is fetched (the server makes it when it is first asked for), decoded, and put in its place.
// If it cannot be had, the preview stays, and the next visit to the slide tries again.

import { fetchPicture, forget, previewWidth, renditionOf, showInstead } from "./rendition.js"

const SETTLE_MS = 150 // who leafs through quickly asks for nothing
const PATIENCE_MS = 4000 // before a slideshow goes on with the preview

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

  // Resolves once the picture that this content should open with is decoded, or cannot be had in time.
  async prepare(content, zoomLevel) {
    await previewDecoded(content)
    if (!this.#isWanted(content, zoomLevel)) return
    await Promise.race([this.#load(content), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
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
      const { image, decoded } = fetchPicture(content.data.largeUrl)
      this.#loads.set(content, { image, finished: this.#finish(content, image, decoded) })
    }
    return this.#loads.get(content).finished
  }

  async #finish(content, image, decoded) {
    const arrived = await decoded.then(() => true, () => false)
    if (this.#loads.get(content)?.image !== image) return // cancelled meanwhile
    this.#loads.delete(content)
    // A variant that could not be made in time answers with a small drawing in its place.
    if (arrived && image.naturalWidth > previewWidth(content) && content.element && renditionOf(content) === "preview") {
      showInstead(content, image, "large")
      this.#pswp.dispatch("renditionChange", { content })
    } else {
      content.largeFailed = true
      forget(image)
    }
  }

  #cancel(content) {
    content.largeFailed = false
    const load = this.#loads.get(content)
    if (!load) return
    this.#loads.delete(content)
    forget(load.image)
  }

  #stop() {
    clearTimeout(this.#timer)
    this.#timer = 0 // nothing is asked for while closing
    for (const content of [...this.#loads.keys()]) this.#cancel(content)
  }
}

function previewDecoded(content) {
  const image = content?.element
  return image instanceof HTMLImageElement ? image.decode().catch(() => {}) : Promise.resolve()
}
